//! Whether calls should come here: not while answers can't be recorded.

use tonic_health::ServingStatus;
use tonic_health::server::HealthReporter;

use super::grpc;
use crate::journal::Standing;
use crate::rpc::recording::Recorder;

/// Tells the health service how the decision log is, whenever that changes.
pub async fn follow(recorder: Option<Recorder>, health: HealthReporter) {
    let Some(mut standing) = recorder.map(|recorder| recorder.standing()) else { return };
    loop {
        let is_well = *standing.borrow_and_update() == Standing::Well;
        let status = if is_well { ServingStatus::Serving } else { ServingStatus::NotServing };
        // The policies can be read all the same.
        for name in ["", grpc::DECISIONS] {
            health.set_service_status(name, status).await;
        }
        if standing.changed().await.is_err() {
            return;
        }
    }
}

/// Why answers can't be recorded now, if they can't.
pub fn trouble(recorder: Option<&Recorder>) -> Option<String> {
    match &*recorder?.standing().borrow() {
        Standing::Well => None,
        Standing::Failing(trouble) => Some(trouble.to_string()),
    }
}
