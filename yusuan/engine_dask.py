"""dask.distributed as the engine: the same jobs, done by the workers of a cluster of any number of machines.

Workers write their rows as Arrow files into a folder that the driver sees too (the store's, on a shared file system) and
send back names only; the driver commits them to the store. What a worker had begun when it died is done again by
another, and parts that nobody committed are removed. Without a shared folder the rows travel through the scheduler.

Limits: dask ends a worker that takes too much memory; a document over its time is given up and its worker restarted.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import TimeoutError as FutureTimeoutError
from functools import partial
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

import dask
import pyarrow as pa
import pyarrow.parquet as pq
from distributed import Client, KilledWorker, LocalCluster, as_completed
from distributed.client import Future

from yusuan.convert import convert, document_id
from yusuan.work import Batch, Convert, Job, failure, identify, process
from yusuan.workers import Done, Limits, chunk_size, chunks, explained
