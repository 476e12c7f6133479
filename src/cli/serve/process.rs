//! What the system tells a server, by signals, and what the server tells the system, as systemd listens for it.

use std::future::Future;
use std::io;

use sd_notify::NotifyState;

/// What a service tells of itself.
#[derive(Debug, Clone, Copy)]
pub enum Told {
    Ready,
    Stopping,
}

/// Tells whoever started us, if they listen.
pub fn tell(told: Told) {
    let state = match told {
        Told::Ready => NotifyState::Ready,
        Told::Stopping => NotifyState::Stopping,
    };
    if let Err(problem) = sd_notify::notify(&[state]) {
        tracing::warn!(%problem, "the service manager can't be told how we are");
    }
}

/// Tells twice within the time that it may be silent, if somebody watches.
pub async fn keep_telling_that_we_live() {
    let Some(time) = sd_notify::watchdog_enabled() else { return };
    let half = time.checked_div(2).unwrap_or(time);
    while !half.is_zero() {
        // Whoever does not listen any more restarts us.
        let _ = sd_notify::notify(&[NotifyState::Watchdog]);
        tokio::time::sleep(half).await;
    }
}

/// Completes when the process is told to stop.
#[cfg(unix)]
pub fn told_to_stop() -> io::Result<impl Future<Output = ()>> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut terminated = signal(SignalKind::terminate())?;
    let mut interrupted = signal(SignalKind::interrupt())?;
    Ok(async move {
        tokio::select! {
            _ = terminated.recv() => {}
            _ = interrupted.recv() => {}
        }
    })
}

/// Completes when the process is told to stop.
#[cfg(not(unix))]
pub fn told_to_stop() -> io::Result<impl Future<Output = ()>> {
    Ok(async {
        let _ = tokio::signal::ctrl_c().await;
    })
}

/// Reloads whenever the process is told to.
#[cfg(unix)]
pub fn told_to_reload(reload: impl Fn() + Send + Sync + 'static) -> io::Result<impl Future<Output = ()>> {
    use tokio::signal::unix::{SignalKind, signal};
    let (mut told, reload) = (signal(SignalKind::hangup())?, std::sync::Arc::new(reload));
    Ok(async move {
        while told.recv().await.is_some() {
            tracing::info!("told to reload: policies, certificates and keys are read again");
            let reload = std::sync::Arc::clone(&reload);
            // Files may lie on something slow.
            let _ = tokio::task::spawn_blocking(move || reload()).await;
        }
    })
}

/// Nobody can tell it.
#[cfg(not(unix))]
pub fn told_to_reload(_: impl Fn() + Send + Sync + 'static) -> io::Result<impl Future<Output = ()>> {
    Ok(std::future::pending())
}
