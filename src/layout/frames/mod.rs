//! The frames of a diagram: divided before they are planned, put together afterwards.

mod assemble;
mod equal;
mod fit;
mod frame;
mod nest;

pub(super) use assemble::assemble;
pub(super) use equal::Planned;
pub(super) use fit::fit_inner_frames;
pub(super) use frame::{Framed, framed, page};
pub(super) use nest::{Nest, nest};
