"""The reduced cube: a scene after preprocessing, of which only what patches need is stored."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from ..pixels.window import Window
from .page_store import zero_pages

# Edge of a page as a power of two: 64 pixels, or 16 if a pixel has so many channels that scattered labels would
# otherwise bring gigabytes of surroundings along.
_PAGE_BITS, _SMALL_PAGE_BITS = 6, 4
_MANY_CHANNELS = 64
# Far enough below zero that no pixel of a page makes it a place in the store.
_NOT_STORED = -(2**62)


@dataclass(frozen=True, kw_only=True, eq=False)
class ReducedCube:
    """Components of a scene in pages of 64×64 or 16×16 pixels, each with a margin of half a patch or more.

    Zero is the mean spectrum, since the components are centred; pixels without data are zero too, and so is what
    lies beyond the scene. A patch lies inside the page of its centre, margin included, so that pages without a
    centre need not be there: memory follows the labelled places, not the scene.
    There is never an array of all patches: :meth:`gather` cuts the ones of a batch.

    Parameters
    ----------
    pages : float32 (pages, components, edge, edge), the edge of a page with its margin on both sides.
    starts : place in ``pages`` of the first number of each page of the scene, int64 (page rows, page cols); far below
        zero where a page is not stored. On the device of ``pages``.
    shape : (rows, cols) of the scene.
    patch_size : p, odd.
    margin_px : margin of the pages, at least half a patch.
    page_bits : edge of a page without its margin, as a power of two.
    device : where patches and tiles are handed out; that of ``pages``, or another one if these are in a file.
    in_file : whether the pages lie in a temporary file.
    """

    pages: Tensor
    starts: Tensor
    shape: tuple[int, int]
    patch_size: int
    margin_px: int
    page_bits: int
    device: torch.device
    in_file: bool

    @classmethod
    def empty(
        cls,
        n_components: int,
        shape: tuple[int, int],
        patch_size: int,
        *,
        centres: tuple[npt.NDArray[Any], npt.NDArray[Any]] | None = None,
        folder: Path | None = None,
    ) -> ReducedCube:
        """A cube of zeros, to be filled window by window.

        Parameters
        ----------
        shape : (rows, cols) of the scene.
        centres : rows and cols, both (n,), of the pixels whose patches will be asked for; None: of all.
        folder : for pages that do not fit into memory, see :func:`hsi_engine.data.page_store.zero_pages`.

        Raises
        ------
        OutputError : the disk has no room for the pages.
        """
        bits = _PAGE_BITS if n_components <= _MANY_CHANNELS else _SMALL_PAGE_BITS
        wanted = np.zeros([((edge - 1) >> bits) + 1 for edge in shape], dtype=bool)
        if centres is None:
            wanted[:] = True
        else:
            wanted[centres[0] >> bits, centres[1] >> bits] = True
        margin = patch_size // 2
        edge = (1 << bits) + 2 * margin
        count = int(wanted.sum())
        pages, in_file = zero_pages((count, n_components, edge, edge), folder)
        starts = np.full(wanted.shape, _NOT_STORED, dtype=np.int64)
        starts[wanted] = np.arange(count) * (n_components * edge * edge)
        return cls(
            pages=pages,
            starts=torch.from_numpy(starts),
            shape=shape,
            patch_size=patch_size,
            margin_px=margin,
            page_bits=bits,
            device=pages.device,
            in_file=in_file,
        )

    @property
    def radius(self) -> int:
        """Pixels between the centre of a patch and its border."""
        return self.patch_size // 2

    @property
    def n_components(self) -> int:
        """Channels of a patch."""
        return self.pages.shape[1]

    @property
    def n_bytes(self) -> int:
        """Size of the stored pages."""
        return self.pages.numel() * self.pages.element_size()

    def with_patches(self, patch_size: int) -> ReducedCube:
        """The same cube, handing out smaller patches; nothing is copied.

        Raises
        ------
        ValueError : the pages have no margin for such patches.
        """
        if patch_size // 2 > self.margin_px or patch_size % 2 == 0:
            raise ValueError(f"patches of {patch_size} pixels do not fit pages with a margin of {self.margin_px}")
        return replace(self, patch_size=patch_size)

    def to(self, device: torch.device) -> ReducedCube:
        """The cube on a device; pages in a file stay there, and each batch goes to the device."""
        if self.in_file:
            return replace(self, device=device)
        return replace(self, pages=self.pages.to(device), starts=self.starts.to(device), device=device)

    def needs(self, window: Window) -> bool:
        """Whether a stored page or its margin holds a pixel of the window."""
        return any(True for _ in self._pages_on(window))

    def fill(self, window: Window, components: npt.NDArray[np.float32]) -> None:
        """Set the pixels of a window inside the scene to float32 (components, rows, cols); the pages keep theirs."""
        source = torch.from_numpy(components)
        for page, place in self._pages_on(window):
            shared = window.intersect(place)
            page[_inside(shared, place)] = source[_inside(shared, window)]

    def gather(self, rows: Tensor, cols: Tensor) -> Tensor:
        """The patches around pixels (rows, cols), both int64 (n,): float32 (n, components, p, p).

        Raises
        ------
        IndexError : the page of a pixel is not stored.
        """
        rows, cols = rows.to(self.starts.device), cols.to(self.starts.device)
        _, components, edge, _ = self.pages.shape
        p, inner = self.patch_size, (1 << self.page_bits) - 1
        inset = (self.margin_px - self.radius) * (edge + 1)
        # Every place in the store begins a patch: the view is as long as the store, and nothing is copied for it.
        length = self.pages.numel() - (components - 1) * edge * edge - (p - 1) * (edge + 1)
        patches = self.pages.as_strided((length, components, p, p), (1, edge * edge, edge, 1))
        bits = self.page_bits
        first = self.starts[rows >> bits, cols >> bits] + (rows & inner) * edge + (cols & inner) + inset
        return patches.index_select(0, first).to(self.device)

    def spectra(self, rows: Tensor, cols: Tensor) -> Tensor:
        """The components of pixels (rows, cols), both int64 (n,): float32 (n, components)."""
        return self.with_patches(1).gather(rows, cols)[:, :, 0, 0]

    def tile(self, window: Window) -> Tensor:
        """The pixels of a window inside the scene with their margin: (components, height + p − 1, width + p − 1).

        Zero where no page is stored.
        """
        whole = window.grow(self.radius)
        tile = torch.zeros(self.pages.shape[1], *whole.shape, device=self.pages.device)
        for page, place in self._pages_on(whole):
            shared = whole.intersect(place)
            tile[_inside(shared, whole)] = page[_inside(shared, place)]
        return tile.to(self.device)

    def _pages_on(self, window: Window) -> Iterator[tuple[Tensor, Window]]:
        """Each stored page on a window, and the pixels of the scene it holds, margin included."""
        edge, inner = self.pages.shape[-1], 1 << self.page_bits
        size = self.pages.stride(0)
        first_row, first_col = (max(0, (at + self.margin_px - edge) // inner + 1) for at in (window.row, window.col))
        end_row, end_col = ((at + self.margin_px - 1) // inner + 1 for at in (window.row_end, window.col_end))
        starts = self.starts[first_row:end_row, first_col:end_col].tolist()
        for row, in_row in enumerate(starts, first_row):
            for col, start in enumerate(in_row, first_col):
                if start != _NOT_STORED:
                    top, left = row * inner - self.margin_px, col * inner - self.margin_px
                    yield self.pages[start // size], Window(row=top, col=left, height=edge, width=edge)


def _inside(part: Window, whole: Window) -> tuple[slice, slice, slice]:
    """Slices of the pixels of ``part`` in an array (components, rows, cols) that holds those of ``whole``."""
    return (slice(None), *part.relative_to(whole).slices())
