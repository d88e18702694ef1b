"""Everything that a worker needs, imported once: the server that workers are forked from loads this first."""

import yusuan.extract.pdf
import yusuan.extract.word
import yusuan.work

__all__ = ["yusuan"]
