//! What several tests share.
#![allow(dead_code)] // each test uses a part

pub mod geometry;
pub mod graphs;
pub mod models;
