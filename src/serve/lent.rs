//! A stream that is lent out and comes back when whoever has it lets go of it.
//!
//! A socket that is closed while something unread has come in is reset, and the other side may then lose what it was
//! told last. So we keep ours until the other side has closed.

use std::io::{self, IoSlice};
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, ReadBuf};

/// How long the other side may take to close.
const PATIENCE: Duration = Duration::from_secs(1);

/// A stream on loan.
pub struct Lent<S> {
    stream: Option<S>,
    owner: Owner<S>,
}

/// Whom it comes back to.
pub struct Owner<S>(Arc<Mutex<Option<S>>>);

/// Lends a stream.
pub fn lend<S>(stream: S) -> (Lent<S>, Owner<S>) {
    let back = Arc::new(Mutex::new(None));
    (Lent { stream: Some(stream), owner: Owner(Arc::clone(&back)) }, Owner(back))
}

impl<S: AsyncRead + Unpin> Owner<S> {
    /// Reads, once the stream is back, what still comes in, until the other side closes or takes too long.
    pub async fn linger(self) {
        let back = self.0.lock().unwrap_or_else(PoisonError::into_inner).take();
        let Some(mut stream) = back else { return };
        let mut unread = [0; 4_096];
        let drained = async { while matches!(stream.read(&mut unread).await, Ok(1..)) {} };
        // Either way it is closed now.
        let _ = tokio::time::timeout(PATIENCE, drained).await;
    }
}

impl<S> Drop for Lent<S> {
    fn drop(&mut self) {
        *self.owner.0.lock().unwrap_or_else(PoisonError::into_inner) = self.stream.take();
    }
}

impl<S: Unpin> Lent<S> {
    /// It is there for as long as it is lent.
    fn stream(self: Pin<&mut Self>) -> io::Result<Pin<&mut S>> {
        self.get_mut().stream.as_mut().map(Pin::new).ok_or_else(|| io::ErrorKind::NotConnected.into())
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Lent<S> {
    fn poll_read(self: Pin<&mut Self>, context: &mut Context<'_>, into: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        self.stream()?.poll_read(context, into)
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Lent<S> {
    fn poll_write(self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        self.stream()?.poll_write(context, bytes)
    }

    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.stream()?.poll_flush(context)
    }

    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.stream()?.poll_shutdown(context)
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        parts: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.stream()?.poll_write_vectored(context, parts)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.as_ref().is_some_and(AsyncWrite::is_write_vectored)
    }
}
