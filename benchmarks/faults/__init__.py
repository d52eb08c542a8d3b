"""Faults in the middle of a job: kills, full disks, inputs that vanish, odd surroundings."""

import os

for _name in ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
    os.environ.setdefault(_name, "1")  # before numpy and torch are loaded: threads do not survive a fork
