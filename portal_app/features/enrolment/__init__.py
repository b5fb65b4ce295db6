"""From a chart nobody signs in to, to somebody who does: activations, their cards and mails, the first steps."""
