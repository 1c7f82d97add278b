"""A small convolutional network for 8 x 8 pictures of digits; how it learns is not here."""

from __future__ import annotations

from torch import Tensor, nn

CLASSES = 10
SIDE = 8


class Network(nn.Module):
    """Two convolutions, a quarter of the pixels, a third convolution, two dense layers."""

    def __init__(self, *, channels: int, hidden: int) -> None:
        super().__init__()
        self.layers = nn.Sequential(
            nn.Conv2d(1, channels, 3, padding=1),
            nn.ReLU(),
            nn.Conv2d(channels, 2 * channels, 3, padding=1),
            nn.ReLU(),
            nn.MaxPool2d(2),
            nn.Conv2d(2 * channels, 2 * channels, 3, padding=1),
            nn.ReLU(),
            nn.Flatten(),
            nn.Linear(2 * channels * (SIDE // 2) ** 2, hidden),
            nn.ReLU(),
            nn.Linear(hidden, CLASSES),
        )

    def forward(self, pictures: Tensor) -> Tensor:
        """Map pictures of shape (n, 1, 8, 8), grey in [0, 1], to logits of shape (n, 10)."""
        return self.layers(pictures)
