//! Work that takes too long for the threads that serve connections.

use std::{sync::Arc, thread};

use tokio::{
    sync::Semaphore,
    task::{self, JoinError},
};

/// Runs work on blocking threads, of any runtime, and limits how much of it competes for
/// processors.
#[derive(Debug, Clone)]
pub struct Offload {
    processors: Arc<Semaphore>,
}

/// Why work has no result.
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

impl Default for Offload {
    /// Allows as much work at a time as there are processors.
    fn default() -> Self {
        let processors = thread::available_parallelism().map_or(1, usize::from);
        Self { processors: Arc::new(Semaphore::new(processors)) }
    }
}

impl Offload {
    /// Runs work that keeps a processor busy for long, such as a scan of all resources.
    ///
    /// Work that is still waiting for a processor when the future is dropped does not start.
    pub async fn run_busy<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, Unfinished> {
        let permit = Arc::clone(&self.processors).acquire_owned().await;
        let permit = permit.map_err(|_| Unfinished::ShuttingDown)?;
        run(move || {
            let output = work();
            drop(permit);
            output
        })
        .await
    }
}

/// Runs work that may wait, such as for a lock. It starts at once, and runs to its end even if the
/// future is dropped.
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
        let offload = Offload::default();
        for _ in 0..100 {
            let panicked = offload.run_busy(|| panic!("on purpose")).await;
            assert_eq!(panicked.map(|(): ()| ()), Err(Unfinished::Panicked));
        }
    }

    #[tokio::test]
    async fn busy_work_waits_for_a_processor_and_other_work_does_not() {
        let offload = Offload { processors: Arc::new(Semaphore::new(1)) };
        let (release, released) = mpsc::channel::<()>();
        let (start, started) = mpsc::channel::<()>();
        let first = {
            let offload = offload.clone();
            tokio::spawn(async move {
                let work = move || {
                    start.send(()).unwrap();
                    released.recv().unwrap();
                };
                offload.run_busy(work).await
            })
        };
        run(move || started.recv().unwrap()).await.unwrap();
        let mut second = Box::pin(offload.run_busy(|| ()));
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
