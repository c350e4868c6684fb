//! A latch that holds back changes until something else has succeeded.

use tokio::sync::Semaphore;

/// A latch that starts closed and can be released once, for good.
#[derive(Debug)]
pub struct Latch(Semaphore);

impl Latch {
    /// Creates a closed latch.
    #[expect(
        clippy::new_without_default,
        reason = "`Latch::default()` would not show that the latch is closed"
    )]
    pub fn new() -> Self {
        Latch(Semaphore::new(0))
    }

    /// Releases every waiting task and every later one.
    pub fn release(&self) {
        self.0.close();
    }

    pub(crate) fn is_released(&self) -> bool {
        self.0.is_closed()
    }

    /// Waits until the latch is released.
    pub(crate) async fn wait(&self) {
        // Resolves when the semaphore is closed; permits are never issued. Unlike `Notify`, a closed semaphore also
        // stays closed for tasks that come later.
        let _ = self.0.acquire().await;
    }
}
