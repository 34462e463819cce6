//! What several tests share.
#![allow(dead_code, unreachable_pub)] // each test uses a part

pub mod geometry;
pub mod golden;
pub mod graphs;
pub mod models;
#[cfg(feature = "cli")]
pub mod program;
