"""What a clinic brings along from another system, from the files that it exports."""
