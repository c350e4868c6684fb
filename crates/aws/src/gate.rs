//! What is to be done only once something else has turned out well, while the rest goes on.

use tokio::sync::Semaphore;

/// Closed, until somebody opens it for good.
#[derive(Debug)]
pub struct Gate(Semaphore);

impl Gate {
    /// A closed one.
    pub fn closed() -> Self {
        Gate(Semaphore::new(0))
    }

    /// Lets through who waits, and who comes.
    pub fn open(&self) {
        self.0.close();
    }

    pub(crate) fn is_open(&self) -> bool {
        self.0.is_closed()
    }

    /// Waits until it is open: nobody gets a permit, and when it is closed all hear that there are none.
    pub(crate) async fn opened(&self) {
        let _ = self.0.acquire().await;
    }
}
