//! Work that is too slow for the threads that serve connections.

use std::{sync::LazyLock, thread};

use tokio::{
    sync::Semaphore,
    task::{self, JoinError},
};

/// One permit per processor, shared by all servers of the process. CPU-bound work holds a permit.
static PROCESSORS: LazyLock<Semaphore> =
    LazyLock::new(|| Semaphore::new(thread::available_parallelism().map_or(1, usize::from)));

/// The reason why work did not finish.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Unfinished {
    /// The work panicked.
    #[error("the work panicked")]
    Panicked,
    /// The runtime is shutting down.
    #[error("the server is shutting down")]
    ShuttingDown,
}

impl From<JoinError> for Unfinished {
    fn from(error: JoinError) -> Self {
        if error.is_panic() { Self::Panicked } else { Self::ShuttingDown }
    }
}

/// Runs CPU-bound work, such as a scan of all resources, on a blocking thread. At most one task per
/// processor runs at a time, so that other threads still get processor time.
///
/// If the future is dropped while the work waits for a processor, the work does not start.
pub async fn run_busy<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, Unfinished> {
    run_in(&PROCESSORS, work).await
}

async fn run_in<T: Send + 'static>(
    processors: &'static Semaphore,
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, Unfinished> {
    let permit = processors.acquire().await.map_err(|_| Unfinished::ShuttingDown)?;
    run(move || {
        let output = work();
        drop(permit);
        output
    })
    .await
}

/// Runs work that can block, for example on a lock, on a blocking thread. The work starts immediately
/// and finishes even if the future is dropped.
pub async fn run<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, Unfinished> {
    Ok(task::spawn_blocking(work).await?)
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use super::*;

    #[tokio::test]
    async fn a_panic_is_an_error() {
        let panicked = run(|| panic!("on purpose")).await;
        assert_eq!(panicked.map(|(): ()| ()), Err(Unfinished::Panicked));
        for _ in 0..100 {
            let panicked = run_busy(|| panic!("on purpose")).await;
            assert_eq!(panicked.map(|(): ()| ()), Err(Unfinished::Panicked));
        }
    }

    #[tokio::test]
    async fn busy_work_waits_for_a_processor_and_other_work_does_not() {
        static ONE: Semaphore = Semaphore::const_new(1);
        let (release, released) = mpsc::channel::<()>();
        let (start, started) = mpsc::channel::<()>();
        let first = tokio::spawn(run_in(&ONE, move || {
            start.send(()).unwrap();
            released.recv().unwrap();
        }));
        run(move || started.recv().unwrap()).await.unwrap();
        let mut second = Box::pin(run_in(&ONE, || ()));
        tokio::select! {
            biased;
            _ = &mut second => panic!("no processor is free"),
            () = async {} => {}
        }
        assert_eq!(run(|| 7).await, Ok(7));
        release.send(()).unwrap();
        assert_eq!(first.await.unwrap(), Ok(()));
        assert_eq!(second.await, Ok(()));
    }
}
