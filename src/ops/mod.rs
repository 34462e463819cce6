//! What operators mean.

mod category;

pub use category::Category;
