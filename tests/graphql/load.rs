//! Heavy questions: they hold up neither the health checks nor each other beyond the limits.

use std::sync::{Arc, Condvar, Mutex};
use std::time::Duration;

use async_graphql::{Context, EmptyMutation, EmptySubscription, Object, Schema};

use super::client::get;
use super::fixture::Server;

/// A gate that resolvers wait at, as a computation would, without giving way to anything.
#[derive(Clone, Default)]
struct Gate(Arc<(Mutex<bool>, Condvar)>);

impl Gate {
    fn wait(&self) {
        let (open, changed) = &*self.0;
        let mut is_open = open.lock().expect("the lock");
        while !*is_open {
            is_open = changed.wait(is_open).expect("the lock");
        }
    }

    fn open(&self) {
        *self.0.0.lock().expect("the lock") = true;
        self.0.1.notify_all();
    }
}

struct Probe;

#[Object]
impl Probe {
    async fn quick(&self) -> i32 {
        1
    }

    async fn heavy(&self, ctx: &Context<'_>) -> i32 {
        ctx.data_unchecked::<Gate>().wait();
        2
    }

    async fn broken(&self) -> i32 {
        "none".parse().expect("on purpose: secret detail")
    }
}

#[test]
fn heavy_questions_do_not_hold_up_the_health_checks() {
    let gate = Gate::default();
    let schema = Schema::build(Probe, EmptyMutation, EmptySubscription).data(gate.clone());
    let server = Server::with(schema, |options| {
        options.operations_max = 3;
        options.request_timeout = Duration::from_millis(300);
    });
    assert_eq!(get(server.address, "/readyz").status, 200);
    std::thread::scope(|scope| {
        let heavy: Vec<_> = (0..3)
            .map(|_| scope.spawn(|| server.query("{ heavy }")))
            .collect();
        for one in heavy {
            let reply = one.join().expect("a reply");
            assert_eq!((reply.status, reply.code().as_str()), (504, "TIMEOUT"));
        }
    });
    // The callers were told; the questions still run and hold all permits.
    assert_eq!(get(server.address, "/healthz").status, 200);
    assert_eq!(get(server.address, "/readyz").status, 503);
    let reply = server.query("{ quick }");
    assert_eq!((reply.status, reply.code().as_str()), (503, "OVERLOADED"));
    assert_eq!(reply.header("retry-after"), "5");
    gate.open();
    while get(server.address, "/readyz").status != 200 {
        std::thread::yield_now();
    }
    assert_eq!(server.data("{ quick }")["quick"], 1);
}

#[test]
fn a_panic_is_an_internal_error_that_says_nothing() {
    let server = Server::with(Schema::build(Probe, EmptyMutation, EmptySubscription), |_| {});
    let reply = server.query("{ broken }");
    assert_eq!((reply.status, reply.code().as_str()), (500, "INTERNAL"));
    assert!(!reply.text().contains("secret"), "{}", reply.text());
    assert_eq!(server.data("{ quick }")["quick"], 1);
}

#[test]
fn running_questions_end_before_the_server_stops() {
    let gate = Gate::default();
    let schema = Schema::build(Probe, EmptyMutation, EmptySubscription).data(gate.clone());
    let mut server = Server::with(schema, |_| {});
    let address = server.address;
    let asking = std::thread::spawn(move || super::client::post(address, r#"{"query":"{heavy}"}"#));
    // The health check is answered after the question was read, because both go through one accept loop; a
    // question that came too late would find the door closed and fail below.
    while get(address, "/healthz").status != 200 {}
    std::thread::sleep(Duration::from_millis(100));
    server.stop();
    gate.open();
    assert_eq!(asking.join().expect("a reply").json()["data"]["heavy"], 2);
    server.join();
    assert!(std::net::TcpStream::connect(address).is_err());
}
