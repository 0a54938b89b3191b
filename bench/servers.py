"""The servers that are compared, each on the server's core: playhead, nginx and Redis."""

import atexit
import base64
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import urllib.request
from pathlib import Path

from machine import ROOT, SERVER_CORE, cpu_seconds

PLAYHEAD = Path(os.environ.get("BENCH_BINARY", ROOT / "build/release/playhead"))
PLAYHEAD_PORT, ADMIN_PORT, NGINX_PORT, REDIS_PORT = 28080, 28081, 28090, 28091

# A few hundred accounts send what an audience would: their budgets must not be what is measured.
# They are still counted.
BUDGETS = ["--set", "http.account_requests_per_s=10000", "--set", "http.account_burst=100000"]


class Server:
    """A process on some cores, and the pids whose CPU counts. Ends with its `with`."""

    def __init__(self, command, port, cores=SERVER_CORE):
        self.log = tempfile.TemporaryFile()  # not a pipe: a full one would hold the server up
        self.process = subprocess.Popen(["taskset", "-c", cores, *command],
                                        stdout=subprocess.DEVNULL, stderr=self.log)
        atexit.register(self.process.kill)  # whatever fails here, nothing goes on running
        self.port = port
        deadline = time.time() + 60
        while True:
            try:
                socket.create_connection(("127.0.0.1", port), timeout=1).close()
                break
            except OSError:
                if time.time() > deadline or self.process.poll() is not None:
                    self.log.seek(0)
                    raise RuntimeError(self.log.read().decode()) from None
                time.sleep(0.05)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(timeout=120)
        self.log.close()

    @property
    def pid(self):
        return self.process.pid

    def cpu_seconds(self):
        children = Path(f"/proc/{self.pid}/task/{self.pid}/children").read_text().split()
        return cpu_seconds([self.pid, *map(int, children)])


def nginx(folder):
    """Answers every request with an empty 204: the least an HTTP answer costs."""
    config = folder / "nginx.conf"
    temp = "\n".join(f"  {kind}_temp_path {folder}/{kind};"
                     for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
    config.write_text(f"""
worker_processes 1; daemon off; pid {folder}/nginx.pid; error_log {folder}/error.log;
events {{ worker_connections 20000; }}
http {{ access_log off; keepalive_requests 100000000;
{temp}
  server {{ listen 127.0.0.1:{NGINX_PORT}; location / {{ return 204; }} }} }}
""")
    return Server(["nginx", "-c", str(config), "-p", str(folder)], NGINX_PORT)


def redis(folder):
    """The store people would reach for, every write synced before its answer."""
    data = folder / "redis"
    shutil.rmtree(data, ignore_errors=True)  # it answers LOADING while it reads what it finds
    data.mkdir()
    return Server(["redis-server", "--bind", "127.0.0.1", "--port", str(REDIS_PORT), "--dir",
                   str(data), "--save", "", "--appendonly", "yes", "--appendfsync", "always",
                   "--maxclients", "10000"], REDIS_PORT)


def playhead(data, *options, threads=1, cores=SERVER_CORE):
    return Server([str(PLAYHEAD), "serve", "--listen", f"127.0.0.1:{PLAYHEAD_PORT}",
                   "--admin-listen", f"127.0.0.1:{ADMIN_PORT}", "--data", str(data),
                   "--threads", str(threads), *BUDGETS, *options], PLAYHEAD_PORT, cores)


def signing_key(data):
    """The key of a data folder, which the server makes when it first starts."""
    if not (data / "token.key").exists():
        with playhead(data):
            pass
    text = (data / "token.key").read_text().strip()
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def metric(name):
    """The sum of a metric of the running playhead over its labels."""
    page = urllib.request.urlopen(f"http://127.0.0.1:{ADMIN_PORT}/metrics", timeout=5).read()
    return sum(float(line.split()[-1]) for line in page.decode().splitlines()
               if line.startswith(name))
