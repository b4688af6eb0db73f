//! Who people are and how they prove it.

pub mod sessions;
