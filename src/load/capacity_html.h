// The result of a capacity search as a page, with the knee in it.
#pragma once

#include <string>
#include <vector>

#include "load/capacity.h"
#include "load/plan.h"

namespace playhead {

/// One HTML document that asks for nothing else.
std::string capacity_html(const CapacityResult& result, const std::vector<Plan>& plans,
                          const PlanAssumptions& assumptions);

}  // namespace playhead
