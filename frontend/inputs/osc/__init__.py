"""Numbers and touches that come by OSC: plain OSC, Wekinator, TUIO."""
