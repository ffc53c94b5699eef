//! How many connections are open, so that a server which stops need not ask again and again whether the last one is gone.

use std::any::Any;

use actix_web::dev::Extensions;
use tokio::sync::watch;

/// Everybody who is connected.
#[derive(Clone)]
pub(crate) struct Connections(watch::Sender<usize>);

impl Connections {
    pub(crate) fn new() -> Self {
        Self(watch::Sender::new(0))
    }

    /// For `HttpServer::on_connect`: what is put to a connection goes with it, once its last answer is written.
    pub(crate) fn count(&self) -> impl Fn(&dyn Any, &mut Extensions) + Send + Sync + 'static + use<> {
        let connections = self.0.clone();
        move |_, of_connection| {
            connections.send_modify(|open| *open += 1);
            of_connection.insert(Open(connections.clone()));
        }
    }

    /// Ends when nobody is connected.
    pub(crate) async fn all_closed(&self) {
        // It fails only without a sender, and here is one.
        let _ = self.0.subscribe().wait_for(|open| *open == 0).await;
    }
}

/// One connection.
struct Open(watch::Sender<usize>);

impl Drop for Open {
    fn drop(&mut self) {
        self.0.send_modify(|open| *open -= 1);
    }
}
