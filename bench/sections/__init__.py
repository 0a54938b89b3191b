"""The sections of the bench, in the order in which they run."""

from sections import (burst, cores, growth, idle, open_loop, reports, row, stages, stores)

ALL = {"reports": reports, "stages": stages, "stores": stores, "open_loop": open_loop, "row": row, "idle": idle,
       "growth": growth, "burst": burst, "cores": cores}
