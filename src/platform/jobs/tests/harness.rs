//! Jobs in the tests of slices.

use super::*;

#[derive(Serialize, Deserialize)]
struct Chain {
    links: u32,
}

impl Job for Chain {
    const QUEUE: Queue = queue::BULK;
    const NAME: &'static str = "test.chain";
    async fn run(self, ctx: JobContext) -> Result<()> {
        if self.links == 0 {
            return Err(Error::NotFound);
        }
        let links = self.links - 1;
        ctx.tx(move |tx| {
            tx.enqueue(Chain { links }.new_job());
            Ok(())
        })
        .await
    }
}

#[actix_web::test]
async fn a_test_runs_jobs_where_it_stands() {
    let world = world().with_jobs(Registry::new().job::<Chain>());
    world.within("acme", |tx| {
        tx.enqueue(Chain { links: 2 }.new_job());
        tx.enqueue(Chain { links: 9 }.new_job_at(tx.now + TimeDelta::hours(1)));
        Ok(())
    });
    let errors: Vec<_> = world
        .try_jobs()
        .await
        .into_iter()
        .map(|ran| ran.error)
        .collect();
    assert_eq!(errors, [None, None, Some(Error::NotFound.to_string())]);
    assert!(world.try_jobs().await.is_empty(), "the failed one waits");
}

#[actix_web::test]
#[should_panic(expected = "jobs were left unrun")]
async fn a_test_that_leaves_jobs_unrun_fails() {
    let world = world();
    world.within("acme", |tx| {
        tx.enqueue(Chain { links: 1 }.new_job());
        Ok(())
    });
}
