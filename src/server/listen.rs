//! Accepts connections and ends them: at most so many at once, none that dawdles over the head of a request,
//! and at the end each may finish what it is doing.
//!
//! `axum::serve` sets no timer, so that a client that sends its head byte by byte holds a connection for ever;
//! that is why the connections are driven here.

use std::future::Future;
use std::io;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};
use tokio::task::{JoinError, JoinSet};
use tokio::time::{sleep, timeout};

use super::Options;

/// How long running requests may take to end when the server stops.
const FAREWELL: Duration = Duration::from_secs(10);
/// The largest head of a request, in bytes: a GET carries its query there.
const HEAD_MAX: usize = 64 * 1024;

/// Serves until `stop` is done.
pub async fn run(
    listener: TcpListener,
    router: Router,
    options: &Options,
    closing: watch::Sender<bool>,
    stop: impl Future<Output = ()> + Send,
) {
    let permits = Arc::new(Semaphore::new(options.connections_max));
    let mut connections = JoinSet::new();
    let mut stop = pin!(stop);
    loop {
        let accepted = tokio::select! {
            () = &mut stop => break,
            accepted = accept(&listener, permits.clone()) => accepted,
            Some(ended) = connections.join_next() => {
                told_if_panicked(ended);
                continue;
            }
        };
        if let Some((stream, permit)) = accepted {
            let connection = converse(
                stream,
                router.clone(),
                options.header_timeout,
                closing.subscribe(),
            );
            connections.spawn(async move {
                let _permit = permit;
                connection.await;
            });
        }
    }
    drop(listener);
    drop(router);
    closing.send_replace(true);
    let all_done = async {
        while let Some(ended) = connections.join_next().await {
            told_if_panicked(ended);
        }
        // Sockets have left their connections, but each still holds a receiver of this.
        closing.closed().await;
    };
    if timeout(FAREWELL, all_done).await.is_err() {
        tracing::warn!("connections were cut because their requests did not end in time");
        connections.abort_all();
    }
}

fn told_if_panicked(ended: Result<(), JoinError>) {
    if let Err(failure) = ended
        && failure.is_panic()
    {
        tracing::error!(%failure, "a connection panicked");
    }
}

async fn accept(
    listener: &TcpListener,
    permits: Arc<Semaphore>,
) -> Option<(TcpStream, OwnedSemaphorePermit)> {
    let permit = permits.acquire_owned().await.ok()?;
    match listener.accept().await {
        Ok((stream, _)) => Some((stream, permit)),
        Err(failure) => {
            // A connection that its client gave up is nothing; out of file descriptors passes, but not at once.
            if failure.kind() != io::ErrorKind::ConnectionAborted {
                tracing::warn!(%failure, "a connection could not be accepted");
                sleep(Duration::from_millis(100)).await;
            }
            None
        }
    }
}

async fn converse(
    stream: TcpStream,
    router: Router,
    header_timeout: Duration,
    mut closing: watch::Receiver<bool>,
) {
    // Answers are written whole, and a client waits for the last packet of each.
    let _ = stream.set_nodelay(true);
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(header_timeout)
        .max_buf_size(HEAD_MAX)
        .serve_connection(TokioIo::new(stream), TowerToHyperService::new(router))
        .with_upgrades();
    let mut connection = pin!(connection);
    let outcome = tokio::select! {
        outcome = connection.as_mut() => outcome,
        () = stopped(&mut closing) => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    if let Err(failure) = outcome {
        tracing::debug!(%failure, "a connection ended early");
    }
}

/// Done when the server stops.
pub async fn stopped(closing: &mut watch::Receiver<bool>) {
    // An error means that the sender is gone, which is the same. What `wait_for` gives locks the channel.
    let _ = closing.wait_for(|closing| *closing).await;
}

/// Done when the process is asked to stop. The signals are caught from now on, not only when it is awaited.
#[cfg(unix)]
pub fn stop_signal() -> io::Result<impl Future<Output = ()> + Send> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    Ok(async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
    })
}

/// Done when the process is asked to stop.
#[cfg(not(unix))]
pub fn stop_signal() -> io::Result<impl Future<Output = ()> + Send> {
    Ok(async {
        let _ = tokio::signal::ctrl_c().await;
    })
}
