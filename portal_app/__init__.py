"""Sala: a self-hosted patient portal with video visits."""
