// SPDX-License-Identifier: Apache-2.0
package io.fairlead.peers.breakers;

import io.fairlead.benchmarks.baselines.ReadAndAdd;
import io.fairlead.benchmarks.baselines.ReadAndCount;

/** What the hardware allows. */
final class BaselineSubjects {

    private BaselineSubjects() {}

    static Subject counting() {
        ReadAndCount baseline = new ReadAndCount();
        return new Subject() {
            @Override
            public boolean call() {
                return baseline.call();
            }

            @Override
            public void open() {
                baseline.open();
            }

            @Override
            public Object breaker() {
                return baseline;
            }
        };
    }

    static Subject adding() {
        ReadAndAdd baseline = new ReadAndAdd();
        return new Subject() {
            @Override
            public boolean call() {
                return baseline.call();
            }

            @Override
            public void open() {
                baseline.open();
            }

            @Override
            public Object breaker() {
                return baseline;
            }
        };
    }
}
