// SPDX-License-Identifier: Apache-2.0
package io.fairlead.circuitbreaker.cases;

import static org.assertj.core.api.Assertions.assertThat;

import io.fairlead.circuitbreaker.CircuitState;
import java.io.IOException;
import java.time.Duration;
import java.util.List;

/** A breaker spoken to in the words of the cases. */
final class Script {
    final Sut sut;

    Script(Sut sut) {
        this.sut = sut;
    }

    /** S, F, I: a call that succeeds, fails, is ignored, at once; other characters only part them. */
    Script play(String calls) {
        for (char call : calls.toCharArray()) {
            switch (call) {
                case 'S' -> sut.ok(acquire(), Duration.ZERO);
                case 'F' -> sut.fail(acquire(), Duration.ZERO, new IOException("down"));
                case 'I' -> sut.ignore(acquire());
                default -> {}
            }
        }
        return this;
    }

    Script play(int times, String calls) {
        return play(calls.repeat(times));
    }

    Script ok(Duration took) {
        sut.ok(acquire(), took);
        return this;
    }

    Script fail(Duration took) {
        sut.fail(acquire(), took, new IOException("down"));
        return this;
    }

    Script plus(Duration time) {
        sut.plus(time);
        return this;
    }

    Script seconds(double seconds) {
        return plus(Duration.ofNanos(Math.round(seconds * 1e9)));
    }

    Object acquire() {
        Object permit = sut.tryAcquire();
        assertThat(permit).as("a permit, " + sut.state()).isNotNull();
        return permit;
    }

    Script rejects() {
        assertThat(sut.tryAcquire()).as("a permit, " + sut.state()).isNull();
        return this;
    }

    Script is(CircuitState state) {
        assertThat(sut.state()).isEqualTo(state);
        return this;
    }

    Script shows(double failureRate, int ok, int calls, int failed, long notPermitted) {
        assertThat(sut.metrics().five()).isEqualTo(List.of(failureRate, ok, calls, failed, notPermitted));
        return this;
    }

    Script open() {
        sut.force(CircuitState.OPEN);
        return this;
    }

    /** Brings it to where the next call is the first probe, well past the end of the wait. */
    Script halfOpen() {
        return open().seconds(6);
    }
}
