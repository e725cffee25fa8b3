# SPDX-License-Identifier: Apache-2.0
"""Data-parallel training of a small transformer on made-up text, one process a GPU, started by torchrun.

It shows that gradients travel and how fast; put your own program in its place. The text repeats itself, so
the loss must fall: the program ends with status 1 where it does not.
"""

import os
import sys
import time

import torch
from torch import nn
from torch.nn.parallel import DistributedDataParallel

WORDS = 512
LENGTH = int(os.environ.get("LENGTH", "256"))
BATCH = int(os.environ.get("BATCH", "16"))
WIDTH = int(os.environ.get("WIDTH", "1024"))
LAYERS = int(os.environ.get("LAYERS", "12"))
STEPS = int(os.environ.get("STEPS", "100"))


class Model(nn.Module):
    def __init__(self):
        super().__init__()
        self.words = nn.Embedding(WORDS, WIDTH)
        self.places = nn.Embedding(LENGTH, WIDTH)
        layer = nn.TransformerEncoderLayer(WIDTH, WIDTH // 64, 4 * WIDTH, batch_first=True)
        self.layers = nn.TransformerEncoder(layer, LAYERS)
        self.head = nn.Linear(WIDTH, WORDS)
        self.register_buffer("mask", torch.triu(torch.full((LENGTH, LENGTH), float("-inf")), diagonal=1))

    def forward(self, text):
        places = torch.arange(text.shape[1], device=text.device)
        return self.head(self.layers(self.words(text) + self.places(places), mask=self.mask))


def make_text(device):
    """Lines that count up by one from a random word: the next word always follows from the last."""
    start = torch.randint(WORDS, (BATCH, 1), device=device)
    return (start + torch.arange(LENGTH + 1, device=device)) % WORDS


def train(model, device):
    optimizer = torch.optim.AdamW(model.parameters(), lr=3e-4)
    losses = []
    started = time.monotonic()
    for _ in range(STEPS):
        text = make_text(device)
        logits = model(text[:, :-1])
        loss = nn.functional.cross_entropy(logits.reshape(-1, WORDS), text[:, 1:].reshape(-1))
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return losses, time.monotonic() - started


def main():
    on_gpu = torch.cuda.is_available()
    torch.distributed.init_process_group("nccl" if on_gpu else "gloo")
    rank = torch.distributed.get_rank()
    device = torch.device("cuda", int(os.environ["LOCAL_RANK"])) if on_gpu else torch.device("cpu")
    if on_gpu:
        torch.cuda.set_device(device)
    torch.manual_seed(1)
    model = Model().to(device)
    count = sum(parameter.numel() for parameter in model.parameters())
    torch.manual_seed(100 + rank)
    losses, seconds = train(
        DistributedDataParallel(model, device_ids=[device.index] if on_gpu else None), device
    )
    if rank == 0:
        world = torch.distributed.get_world_size()
        print(f"{world} processes, {count / 1e6:.1f} million parameters, {STEPS} steps in {seconds:.1f} s")
        print(f"gradients: {STEPS * count * 4 / seconds / 1e9:.2f} GB/s a process")
        print(f"loss: {losses[0]:.3f} at first, {losses[-1]:.3f} at last")
    torch.distributed.destroy_process_group()
    return 0 if losses[-1] < losses[0] else 1


if __name__ == "__main__":
    sys.exit(main())
