# SPDX-License-Identifier: Apache-2.0
"""Reading metrics in Prometheus' text form."""
import math
import re

SAMPLE = re.compile(r'^([a-zA-Z_:][\w:]*)(?:\{(.*)\})? (\S+)$', re.M)
LABEL = re.compile(r'(\w+)="((?:[^"\\]|\\.)*)"')


class Samples:
    """The lines of a page of metrics."""

    def __init__(self, text):
        self.by_name = {}
        for name, labels, value in SAMPLE.findall(text):
            self.by_name.setdefault(name, []).append((dict(LABEL.findall(labels)), float(value)))

    def find(self, name, labels=None):
        wanted = (labels or {}).items()
        return [(found, value) for found, value in self.by_name.get(name, []) if wanted <= found.items()]

    def value(self, name, labels=None):
        """The sum over all samples of that name that have these labels; 0 where there is none."""
        return sum(value for _, value in self.find(name, labels))


class Histogram:
    """`buckets` by upper bound, cumulative, summed over the labels that were not asked for."""

    def __init__(self, samples, name, labels=None):
        self.buckets = {}
        for found, value in samples.find(name + "_bucket", labels):
            bound = float(found["le"])
            self.buckets[bound] = self.buckets.get(bound, 0) + value
        self.sum = samples.value(name + "_sum", labels)
        self.count = samples.value(name + "_count", labels)

    def since(self, before):
        """Changed into what was counted after `before`."""
        self.buckets = {bound: value - before.buckets.get(bound, 0) for bound, value in self.buckets.items()}
        self.sum -= before.sum
        self.count -= before.count
        return self

    def mean(self):
        return self.sum / self.count if self.count else math.nan

    def quantile(self, part):
        """The upper bound of the bucket that holds it."""
        reached = (bound for bound, value in self.buckets.items() if value >= part * self.count)
        return min(reached, default=math.nan)
