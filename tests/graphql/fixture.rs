//! A server with facts in it, for one test.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::mpsc;
use std::thread::JoinHandle;

use async_graphql::{ObjectType, SchemaBuilder, SubscriptionType};
use serde_json::{Value, json};
use tokio::sync::oneshot;
use wherefore::api;
use wherefore::db::{AsOf, Batch, Db};
use wherefore::model::time::Instant;
use wherefore::server::{Options, serve_until};

use super::client::{Reply, post};

/// A document that can be committed on top of the facts of [`db`].
pub const MORE_FACTS: &str = "scenario: more
as_of: 2025-06-30T00:00:00+08:00
timezone: Asia/Shanghai
home: CN
minor_age: 14
calendar:
  weekend: [sat, sun]
  holidays: [2023-05-01, 2023-05-02, 2023-05-03]
  extra_workdays: [2023-05-06]
events:
  - {id: late-mailing, at: 2025-03-01T09:00:00+08:00, act: use, by: zhima, subjects: [lin], fields: [mobile], purpose: marketing.direct}
";

/// The schema over the facts that the tests ask about: the large example, as of the instant that it names.
pub fn schema() -> SchemaBuilder<api::Query, api::Mutation, api::Subscription> {
    let text = std::fs::read_to_string(path("examples/zhima-credit.yaml")).expect("the example");
    let db = Db::in_memory(AsOf::Fixed(clock())).expect("a store");
    let batch = Batch::read(&text, "zhima-credit.yaml").expect("the example is valid");
    db.commit(batch, clock()).expect("the example is committed");
    api::schema(db, clock)
}

/// The tests' present.
fn clock() -> Instant {
    Instant::parse("2025-06-30T00:00:00+08:00").expect("an instant")
}

/// A running server; it stops when dropped.
pub struct Server {
    pub address: SocketAddr,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Server {
    /// A server with the facts.
    pub fn start() -> Self {
        Self::with(schema(), |_| {})
    }

    /// A server with this schema, and options changed by `change`.
    pub fn with<Q, M, S>(schema: SchemaBuilder<Q, M, S>, change: impl FnOnce(&mut Options)) -> Self
    where
        Q: ObjectType + 'static,
        M: ObjectType + 'static,
        S: SubscriptionType + 'static,
    {
        let mut options = Options::at(([127, 0, 0, 1], 0).into());
        change(&mut options);
        let (stop, stopped) = oneshot::channel();
        let (ready, address) = mpsc::channel();
        let thread = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_multi_thread()
                .worker_threads(2)
                .enable_all()
                .build()
                .expect("a runtime");
            let serving = serve_until(
                schema,
                options,
                |address| ready.send(address).expect("the test waits"),
                async {
                    let _ = stopped.await;
                },
            );
            runtime.block_on(serving).expect("the server starts");
            runtime.shutdown_background();
        });
        Self {
            address: address.recv().expect("the server starts"),
            stop: Some(stop),
            thread: Some(thread),
        }
    }

    /// The origin of its pages.
    pub fn origin(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Sends a query and gives the whole response.
    pub fn query(&self, query: &str) -> Reply {
        self.query_with(query, &json!({}))
    }

    /// Sends a query with variables and gives the whole response.
    pub fn query_with(&self, query: &str, variables: &Value) -> Reply {
        post(
            self.address,
            &json!({ "query": query, "variables": variables }).to_string(),
        )
    }

    /// The data of a query that must succeed.
    pub fn data(&self, query: &str) -> Value {
        let json = self.query(query).json();
        assert!(json.get("errors").is_none(), "{query}: {json}");
        json["data"].clone()
    }

    /// The code of the first error of a query that must fail.
    pub fn code(&self, query: &str) -> String {
        let json = self.query(query).json();
        json["errors"][0]["extensions"]["code"]
            .as_str()
            .unwrap_or_else(|| panic!("{query}: {json}"))
            .to_owned()
    }

    /// Asks the server to stop.
    pub fn stop(&mut self) {
        if let Some(stop) = self.stop.take() {
            let _ = stop.send(());
        }
    }

    /// Waits until the server has stopped.
    pub fn join(&mut self) {
        self.stop();
        if let Some(thread) = self.thread.take() {
            thread.join().expect("the server ends in order");
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.stop();
    }
}

/// A path inside the package.
pub fn path(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(name)
}
