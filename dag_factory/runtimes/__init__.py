"""Runtimes: what a job runs as. Each can start, find, wait for, kill and clean up an execution."""
