# SPDX-License-Identifier: Apache-2.0
"""Data-parallel training of a small network on Trainium, one process a NeuronCore, started by torchrun.

It shows that gradients travel; put your own program in its place. The function to learn is fixed, so the loss
must fall: the program ends with status 1 where it does not.
"""

import os
import sys
import time

import torch
import torch_xla.core.xla_model as xm
import torch_xla.distributed.xla_backend  # noqa: F401  registers the backend "xla"
from torch import nn

WIDTH = int(os.environ.get("WIDTH", "4096"))
BATCH = int(os.environ.get("BATCH", "64"))
STEPS = int(os.environ.get("STEPS", "200"))


def main():
    torch.distributed.init_process_group("xla")
    device = xm.xla_device()
    torch.manual_seed(1)
    model = nn.Sequential(nn.Linear(WIDTH, WIDTH), nn.ReLU(), nn.Linear(WIDTH, WIDTH)).to(device)
    wanted = torch.randn(WIDTH, WIDTH).to(device) / WIDTH**0.5
    optimizer = torch.optim.SGD(model.parameters(), lr=0.01)
    torch.manual_seed(100 + xm.get_ordinal())
    losses = []
    started = time.monotonic()
    for step in range(STEPS):
        batch = torch.randn(BATCH, WIDTH).to(device)
        loss = nn.functional.mse_loss(model(batch), batch @ wanted)
        optimizer.zero_grad()
        loss.backward()
        xm.optimizer_step(optimizer)  # sums the gradients of all processes first
        xm.mark_step()
        if step in (0, STEPS - 1):
            losses.append(loss.item())
    if xm.get_ordinal() == 0:
        seconds = time.monotonic() - started
        print(f"{xm.xrt_world_size()} processes, {STEPS} steps in {seconds:.1f} s, compilation included")
        print(f"loss: {losses[0]:.4f} at first, {losses[-1]:.4f} at last")
    return 0 if losses[-1] < losses[0] else 1


if __name__ == "__main__":
    sys.exit(main())
