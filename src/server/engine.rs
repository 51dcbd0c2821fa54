//! Runs operations away from the threads that answer requests.
//!
//! Questions are plain computation: they never wait, so on the async threads a heavy one would hold up every
//! other request, the health checks included. Each operation gets a blocking thread, and a permit that it keeps
//! until it is really done, also when its caller has been told `TIMEOUT` and has left.

use std::sync::Arc;
use std::time::Duration;

use async_graphql::parser::types::OperationType;
use async_graphql::{ObjectType, Request, Response, Schema, SubscriptionType};
use axum::http::StatusCode;
use futures_util::StreamExt as _;
use futures_util::future::BoxFuture;
use futures_util::stream::BoxStream;
use tokio::runtime::Handle;
use tokio::sync::Semaphore;
use tokio::time::timeout;

use super::guard;
use super::reply::{Refusal, log_number};

/// A schema of any type.
pub trait Run: Send + Sync {
    /// Carries out a query or a mutation.
    fn execute(&self, request: Request) -> BoxFuture<'_, Response>;
    /// The events of a subscription.
    fn subscribe(&self, request: Request) -> BoxStream<'static, Response>;
}

impl<Q, M, S> Run for Schema<Q, M, S>
where
    Q: ObjectType + 'static,
    M: ObjectType + 'static,
    S: SubscriptionType + 'static,
{
    fn execute(&self, request: Request) -> BoxFuture<'_, Response> {
        Box::pin(Schema::execute(self, request))
    }

    fn subscribe(&self, request: Request) -> BoxStream<'static, Response> {
        self.execute_stream(request).boxed()
    }
}

/// Which operations may run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Allowed {
    /// Queries only: a GET must not change anything.
    Queries,
    /// Queries and mutations.
    All,
}

/// A schema, with bounds on how much of it runs at once and for how long.
#[derive(Clone)]
pub struct Engine {
    schema: Arc<dyn Run>,
    permits: Arc<Semaphore>,
    patience: Duration,
}

impl Engine {
    /// At most `operations_max` operations at once; a caller waits for `patience` and no longer.
    pub fn new(schema: Arc<dyn Run>, operations_max: usize, patience: Duration) -> Self {
        Self {
            schema,
            permits: Arc::new(Semaphore::new(operations_max)),
            patience,
        }
    }

    /// Carries out a query or a mutation.
    pub async fn execute(&self, request: Request, allowed: Allowed) -> Result<Response, Refusal> {
        self.execute_within(request, allowed, self.patience).await
    }

    /// Whether a question asked now would be answered within a second.
    pub async fn is_ready(&self) -> bool {
        let question = Request::new("{ __typename }");
        let answer = self
            .execute_within(question, Allowed::Queries, Duration::from_secs(1))
            .await;
        answer.is_ok_and(|answer| answer.errors.is_empty())
    }

    async fn execute_within(
        &self,
        mut request: Request,
        allowed: Allowed,
        patience: Duration,
    ) -> Result<Response, Refusal> {
        let Ok(Ok(permit)) = timeout(patience, self.permits.clone().acquire_owned()).await else {
            return Err(Refusal::new(
                StatusCode::SERVICE_UNAVAILABLE,
                "OVERLOADED",
                "too many operations are running; try again later",
            ));
        };
        let schema = self.schema.clone();
        let runtime = Handle::current();
        let work = tokio::task::spawn_blocking(move || {
            let _permit = permit;
            // A document that cannot be read is explained by the schema's own extensions.
            if allowed == Allowed::Queries
                && kind_of(&mut request).is_some_and(|kind| kind != OperationType::Query)
            {
                return Err(Refusal::method(
                    "POST",
                    "only queries may be sent by GET; send this by POST",
                ));
            }
            Ok(runtime.block_on(schema.execute(request)))
        });
        match timeout(patience, work).await {
            Ok(Ok(outcome)) => outcome,
            Ok(Err(failure)) => {
                let number = log_number();
                tracing::error!(number, %failure, "an operation panicked");
                Err(Refusal::internal(number))
            }
            Err(_) => Err(Refusal::new(
                StatusCode::GATEWAY_TIMEOUT,
                "TIMEOUT",
                "the operation took too long; narrow the question",
            )),
        }
    }

    /// The events of a subscription, or the one response of any other operation.
    pub fn stream(&self, mut request: Request) -> BoxStream<'static, Response> {
        if kind_of(&mut request) == Some(OperationType::Subscription) {
            return self.schema.subscribe(request);
        }
        let engine = self.clone();
        futures_util::stream::once(async move {
            match engine.execute(request, Allowed::All).await {
                Ok(response) => response,
                Err(refusal) => refusal.into_answer(),
            }
        })
        .boxed()
    }
}

/// What kind of operation the request asks for; `None` if it names none, or cannot be read.
fn kind_of(request: &mut Request) -> Option<OperationType> {
    let wanted = request.operation_name.clone();
    let document = guard::read(request).ok()?;
    let mut operations = document.operations.iter();
    let (_, operation) = match wanted {
        Some(wanted) => operations.find(|(name, _)| name.is_some_and(|name| *name == wanted))?,
        None => operations.next()?,
    };
    Some(operation.node.ty)
}
