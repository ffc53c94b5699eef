//! A service that asks another one for a greeting, behind a breaker and with a fallback; halfway through, the other one goes down.

#![allow(clippy::print_stdout, reason = "a program that talks to its user")]

use std::time::Duration;

use magnetiq_health::{Breaker, BreakerOptions, CallError, Fallback, Feature, Monitor, Served, render};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let options = BreakerOptions { minimum_calls: 3, open_for: Duration::from_millis(200), ..BreakerOptions::default() };
    let breaker = Breaker::new("the greeter", options)?;
    let greetings = Fallback::new(Duration::from_secs(3600));
    let info = breaker.info("greeter-breaker", "remote").every(Duration::from_millis(20));
    let monitor = Monitor::builder()
        .check(info, breaker.clone())
        .feature(Feature::new("greeting", "Greetings").degrades_at_warn("greeter-breaker", "the last greeting is said again"))
        .start()?;

    for round in 0..10 {
        let greet = || if round < 4 { Ok(format!("hello {round}")) } else { Err("connection refused") };
        match greetings.call(|| breaker.call(greet)) {
            Served::Fresh(greeting) => println!("{greeting}"),
            Served::Last { value, error: CallError::Failed(why), .. } => println!("{value}, as it was before ({why})"),
            Served::Last { value, error: CallError::Refused(why), .. } => println!("{value}, as it was before ({why})"),
            Served::Nothing(error) => println!("nobody greets: {error}"),
        }
        std::thread::sleep(Duration::from_millis(30));
    }
    print!("{}", render::text(&monitor.report()));
    monitor.stop(Duration::from_secs(1))?;
    Ok(())
}
