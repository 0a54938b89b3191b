// What /metrics shows: the counters of every room, summed and named.
#pragma once

#include <string>

namespace playhead {

class CommitQueue;
class GroupCommit;
class Log;
class ReadPool;
class Readiness;
class Server;
class Store;

/// Where the numbers come from; all outlive the page's caller.
struct MetricsSources {
  const Server& server;
  GroupCommit& commit;
  const ReadPool& reads;
  const Readiness& readiness;
  const Store& store;
  const Log& log;
};

/// The page in Prometheus text format. Any thread; takes no lock that a report takes.
std::string metrics_page(const MetricsSources& sources);

}  // namespace playhead
