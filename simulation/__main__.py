"""`make simulate SEED=7 MONTHS=3`: clinic-months from one seed on, a line each; 1 where a rule is broken."""

import argparse
import logging
import tempfile
from pathlib import Path

import structlog
from flask_migrate import upgrade
from sqlalchemy import func, select

from booking import create_app
from booking.appointments.models import Appointment
from booking.extensions import db
from booking.series.models import InfusionSeries
from simulation.run import Simulation

DAYS = 30


def simulate_month(seed: int, days: int, folder: Path) -> Simulation:
    """Run one clinic on a database of its own, print what it came to, and return it."""
    settings = {
        "DATABASE_URL": f"sqlite:///{folder / f'clinic-{seed}.sqlite3'}",
        "SECRET_KEY": "only for a simulation, of thirty-two bytes",
    }
    app = create_app(settings)
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    with app.app_context():
        upgrade()
        simulation = Simulation(app, seed)
        simulation.run(days)
        simulation.verify()
        appointments, series = (
            db.session.scalar(select(func.count()).select_from(table))
            for table in (Appointment, InfusionSeries)
        )
        print(
            f"seed {seed}: {days} days, {appointments} appointments, {series} series, "
            f"{len(simulation.provider.accepted)} messages taken, {simulation.kills} kills, "
            f"{len(simulation.broken)} broken, run {simulation.digest()}",
            flush=True,
        )
        for wrong in simulation.broken:
            print(f"  {wrong}", flush=True)
        db.session.remove()
        db.engine.dispose()
    return simulation


def main() -> int:
    """Run the months that are asked for."""
    parser = argparse.ArgumentParser(prog="make simulate", description=__doc__)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--months", type=int, default=1)
    parser.add_argument("--days", type=int, default=DAYS)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        seeds = range(options.seed, options.seed + options.months)
        runs = [simulate_month(seed, options.days, Path(folder)) for seed in seeds]
    return int(any(run.broken for run in runs))


if __name__ == "__main__":
    raise SystemExit(main())
