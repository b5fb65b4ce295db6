"""Charges of visits, as codes that wait for billing."""
