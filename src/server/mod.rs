//! The server: GraphQL over HTTP at `/graphql`, subscriptions over WebSocket at `/ws`, the browser pages, and
//! the health checks.
//!
//! It serves any async-graphql schema and knows nothing of facts. Loopback only: there is no login and no
//! encryption yet, so [`serve`] refuses every other address. Start reading at [`serve`]; every request passes
//! `door` (who may call), then `http`, `socket` or `pages`; every operation passes `guard` before it is
//! validated and runs in `engine`, away from the threads that answer other requests.

mod codes;
mod door;
mod engine;
mod guard;
mod http;
mod lineage;
mod listen;
mod pages;
mod reply;
mod request;
mod routes;
mod scan;
mod socket;

use std::future::Future;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use async_graphql::{ObjectType, SchemaBuilder, SubscriptionType};
use tokio::net::TcpListener;

pub use lineage::Door as LineageDoor;

/// The deepest nesting of fields that a schema is asked for. The introspection query of graphql-js needs 15.
pub const DEPTH_LIMIT: usize = 15;
/// The highest cost of an operation. Introspection costs about 300; a page of 500 findings with every detail
/// about 22,000.
pub const COMPLEXITY_LIMIT: usize = 30_000;
/// The most directives on one field.
const DIRECTIVES_LIMIT: usize = 10;
/// The deepest nesting of selections and fragments together; `guard` refuses at the same number before.
const RECURSION_LIMIT: usize = 32;

/// How to serve.
#[derive(Clone, Debug)]
pub struct Options {
    /// Where to listen: a loopback address; port 0 takes any free port.
    pub address: SocketAddr,
    /// Serve the browser pages from this folder and not from the binary, for work on the pages.
    pub pages: Option<PathBuf>,
    /// Further `Host` values to answer to, exactly as browsers send them, such as `lineage.example:8443`: for a
    /// proxy in front. `127.0.0.1`, `localhost` and `[::1]` with the port are always allowed.
    pub hosts: Vec<String>,
    /// Takes OpenLineage events; without it there is no such path.
    pub lineage: Option<LineageDoor>,
    /// How long an operation may take before its caller is told `TIMEOUT`. Default: 30 s.
    pub request_timeout: Duration,
    /// How long a client may take to send the head of a request. Default: 10 s.
    pub header_timeout: Duration,
    /// How many operations run at once; more wait. Default: twice the processors, at least 4.
    pub operations_max: usize,
    /// How many connections are open at once; more wait to be accepted. Default: 256.
    pub connections_max: usize,
    /// How many sockets are open at once; more are refused. Default: 64.
    pub sockets_max: usize,
}

impl Options {
    /// The defaults, at this address.
    pub fn at(address: SocketAddr) -> Self {
        let processors = std::thread::available_parallelism().map_or(2, std::num::NonZero::get);
        Self {
            address,
            pages: None,
            hosts: Vec::new(),
            lineage: None,
            request_timeout: Duration::from_secs(30),
            header_timeout: Duration::from_secs(10),
            operations_max: (2 * processors).max(4),
            connections_max: 256,
            sockets_max: 64,
        }
    }
}

/// Why the server did not start.
#[derive(Debug, thiserror::Error)]
pub enum ServerError {
    /// The address can be reached from other machines.
    #[error(
        "`{0}` is not a loopback address; there is no login and no encryption, so only this machine may connect: \
         use `127.0.0.1` or `[::1]`"
    )]
    NotLoopback(SocketAddr),
    /// The address could not be listened on.
    #[error("cannot listen on `{address}`; stop whatever uses the port, or choose another one")]
    Bind {
        /// The address asked for.
        address: SocketAddr,
        /// What the system said.
        source: std::io::Error,
    },
    /// The folder of the pages cannot be read.
    #[error("cannot read the pages in `{folder}`")]
    Pages {
        /// The folder asked for.
        folder: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// The signals that stop the server could not be listened to.
    #[error("cannot listen for SIGINT and SIGTERM")]
    Signals(#[source] std::io::Error),
}

impl ServerError {
    /// The stable code.
    pub fn code(&self) -> &'static str {
        match self {
            Self::NotLoopback(_) => "SERVER_NOT_LOOPBACK",
            Self::Bind { .. } => "SERVER_CANNOT_LISTEN",
            Self::Pages { .. } => "SERVER_NO_PAGES",
            Self::Signals(_) => "SERVER_NO_SIGNALS",
        }
    }
}

/// Serves the schema until SIGINT or SIGTERM, then lets running requests end, for at most 10 s.
///
/// The schema comes unfinished: limits and guard are added here, so that no schema is ever served without them.
/// `ready` is called once, with the address that is really listened on.
pub async fn serve<Q, M, S>(
    schema: SchemaBuilder<Q, M, S>,
    options: Options,
    ready: impl FnOnce(SocketAddr),
) -> Result<(), ServerError>
where
    Q: ObjectType + 'static,
    M: ObjectType + 'static,
    S: SubscriptionType + 'static,
{
    let stop = listen::stop_signal().map_err(ServerError::Signals)?;
    serve_until(schema, options, ready, stop).await
}

/// As [`serve`], until `stop` is done; signals are left to the caller.
pub async fn serve_until<Q, M, S>(
    schema: SchemaBuilder<Q, M, S>,
    options: Options,
    ready: impl FnOnce(SocketAddr),
    stop: impl Future<Output = ()> + Send,
) -> Result<(), ServerError>
where
    Q: ObjectType + 'static,
    M: ObjectType + 'static,
    S: SubscriptionType + 'static,
{
    if !options.address.ip().is_loopback() {
        return Err(ServerError::NotLoopback(options.address));
    }
    let pages = pages::Pages::open(options.pages.as_deref())?;
    let cannot_bind = |source| ServerError::Bind {
        address: options.address,
        source,
    };
    let listener = TcpListener::bind(options.address).await.map_err(cannot_bind)?;
    let address = listener.local_addr().map_err(cannot_bind)?;

    let schema = protect(schema).finish();
    let sdl = crate::api::print(&schema);
    let engine = engine::Engine::new(Arc::new(schema), options.operations_max, options.request_timeout);
    let door = door::Door::new(address, &options.hosts);
    let (app, closing) = routes::App::new(
        engine,
        door,
        pages,
        sdl,
        options.sockets_max,
        options.lineage.clone(),
    );
    ready(address);
    listen::run(listener, routes::router(app), &options, closing, stop).await;
    Ok(())
}

/// Adds the limits, the guard and the error codes that every served schema has.
pub fn protect<Q, M, S>(schema: SchemaBuilder<Q, M, S>) -> SchemaBuilder<Q, M, S>
where
    Q: ObjectType + 'static,
    M: ObjectType + 'static,
    S: SubscriptionType + 'static,
{
    schema
        .limit_depth(DEPTH_LIMIT)
        .limit_complexity(COMPLEXITY_LIMIT)
        .limit_recursive_depth(RECURSION_LIMIT)
        .limit_directives(DIRECTIVES_LIMIT)
        .extension(guard::Guard)
        .extension(codes::Codes)
}
