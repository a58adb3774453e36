// SPDX-License-Identifier: Apache-2.0
package io.fairlead.balancer.service;

import io.fairlead.spi.Candidate;
import java.util.AbstractList;
import java.util.Arrays;
import java.util.RandomAccess;

/** Instances as a policy sees them: a view of an array that nobody changes. Safe for any thread. */
final class Candidates extends AbstractList<Candidate> implements RandomAccess {
    private final InstanceState[] states;

    Candidates(InstanceState[] states) {
        this.states = states;
    }

    @Override
    public Candidate get(int place) {
        return states[place];
    }

    @Override
    public int size() {
        return states.length;
    }

    @Override
    public Object[] toArray() {
        return Arrays.copyOf(states, states.length, Object[].class);
    }

    @Override
    public <T> T[] toArray(T[] into) {
        return Arrays.asList(states).toArray(into);
    }
}
