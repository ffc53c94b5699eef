//! What is measured of every request: how many, how long, how many at once. By the route's template: an address says who reads what.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use actix_web::{
    body::MessageBody,
    dev::{ServiceRequest, ServiceResponse},
    http::{Method, StatusCode},
    middleware::Next,
    web::Data,
};
use prometheus_client::{
    encoding::EncodeLabelSet,
    metrics::{counter::Counter, family::Family, gauge::Gauge, histogram::Histogram},
    registry::Registry,
};

use crate::{
    http::{matched::Matched, request_log::status_of},
    state::AppState,
};

/// Everything that is no route of the API: the page and its files, and what is not there.
const OTHER: &str = "page";

/// Seconds; from a cached page to a large upload.
const BOUNDS: [f64; 11] = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0];

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Request {
    method: &'static str,
    route: &'static str,
    status: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Route {
    method: &'static str,
    route: &'static str,
}

/// Counters of requests.
#[derive(Debug)]
pub(crate) struct Requests {
    done: Family<Request, Counter>,
    took: Family<Route, Histogram, fn() -> Histogram>,
    in_flight: Gauge,
}

impl Requests {
    pub(crate) fn register(registry: &mut Registry) -> Self {
        let requests =
            Self { done: Family::default(), took: Family::new_with_constructor(|| Histogram::new(BOUNDS)), in_flight: Gauge::default() };
        registry.register("http_requests", "Requests by method, route and class of status", requests.done.clone());
        registry.register("http_request_duration_seconds", "How long requests take, until the answer begins", requests.took.clone());
        registry.register("http_requests_in_flight", "Requests that are being answered", requests.in_flight.clone());
        requests
    }

    fn count(&self, method: &'static str, route: &'static str, status: StatusCode, took: Duration) {
        self.took.get_or_create(&Route { method, route }).observe(took.as_secs_f64());
        self.done.get_or_create(&Request { method, route, status: class(status) }).inc();
    }
}

/// Counts down, also where the client went away and the answer is dropped half made.
struct InFlight(Gauge);

impl InFlight {
    fn one_more(gauge: &Gauge) -> Self {
        gauge.inc();
        Self(gauge.clone())
    }
}

impl Drop for InFlight {
    fn drop(&mut self) {
        self.0.dec();
    }
}

/// Middleware: measures the request.
pub(crate) async fn measure<B: MessageBody>(request: ServiceRequest, next: Next<B>) -> Result<ServiceResponse<B>, actix_web::Error> {
    let Some(state) = request.app_data::<Data<AppState>>().map(|state| Arc::clone(state)) else { return next.call(request).await };
    let requests = &state.health.metrics.requests;
    let _in_flight = InFlight::one_more(&requests.in_flight);
    let since = Instant::now();
    let method = method(request.method());
    let route = match Matched::of(&request) {
        Matched::Route(path) => path,
        Matched::Page | Matched::Nothing => OTHER,
    };
    let answered = next.call(request).await;
    let (status, took) = (status_of(&answered), since.elapsed());
    requests.count(method, route, status, took);
    state.health.traffic.count(state.clock.now(), took, status.is_server_error());
    answered
}

/// A client may call its method whatever it likes.
fn method(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::HEAD => "HEAD",
        Method::POST => "POST",
        Method::PUT => "PUT",
        Method::DELETE => "DELETE",
        Method::OPTIONS => "OPTIONS",
        _ => "other",
    }
}

fn class(status: StatusCode) -> &'static str {
    match status.as_u16() {
        100..=199 => "1xx",
        200..=299 => "2xx",
        300..=399 => "3xx",
        400..=499 => "4xx",
        _ => "5xx",
    }
}
