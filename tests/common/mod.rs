//! What several tests share.
#![allow(dead_code, unreachable_pub)] // each test uses a part

pub mod bytes;
pub mod geometry;
pub mod golden;
pub mod graphs;
pub mod models;
#[cfg(feature = "cli")]
pub mod program;

/// A value of a type whose fields may grow (`#[non_exhaustive]`), with some of them changed:
/// `with!(HeadOptions { classes: 14, ..HeadOptions::default() })`.
#[macro_export]
macro_rules! with {
    ($type:path { $($field:ident $(: $value:expr)?),* , .. $base:expr }) => {{
        let mut made: $type = $base;
        $($crate::with!(@set made.$field, $field $(, $value)?);)*
        made
    }};
    (@set $place:expr, $field:ident) => { $place = $field };
    (@set $place:expr, $field:ident, $value:expr) => { $place = $value };
}
