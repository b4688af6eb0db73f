//! The world of the slices' tests: the real routes over the platform's harness.

use platform::testing::World;

pub fn world() -> World {
    World::new(
        crate::routes::kinds(),
        crate::routes::navigation(),
        crate::routes::tables,
    )
    .with_jobs(crate::routes::jobs())
}
