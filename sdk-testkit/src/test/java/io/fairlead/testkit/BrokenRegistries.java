// SPDX-License-Identifier: Apache-2.0
package io.fairlead.testkit;

import io.fairlead.api.HealthCheck;
import io.fairlead.api.InstanceStatus;
import io.fairlead.api.Registration;
import io.fairlead.api.ServiceInstance;
import io.fairlead.api.ServiceSnapshot;
import io.fairlead.api.SnapshotListener;
import io.fairlead.api.Subscription;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/** Ten registries, each broken in one way that backends really are, and the case of the contract that must notice. */
final class BrokenRegistries {
    private BrokenRegistries() {}

    record Broken(String expectedCase, Function<RecordingListener, SmallRegistry> registry) {}

    static final Map<String, Broken> ALL = Map.ofEntries(
            Map.entry("loses weights", new Broken("everyComponentSurvivesTheRoundTrip", LosesWeights::new)),
            Map.entry(
                    "updates by removing first",
                    new Broken("aWatchSeesRegistrationUpdateAndDeregistration", RemovesToUpdate::new)),
            Map.entry("hides draining", new Broken("aDrainingInstanceIsSeenDraining", HidesDraining::new)),
            Map.entry(
                    "says nothing of an unknown service",
                    new Broken("anUnknownServiceYieldsAnEmptySnapshot", SilentWhenEmpty::new)),
            Map.entry("forgets late listeners", new Broken("aLateListenerIsToldTheList", ForgetsLate::new)),
            Map.entry("goes on after close", new Broken("aClosedSubscriptionHearsNothing", NeverUnsubscribes::new)),
            Map.entry("matches by prefix", new Broken("servicesDoNotMix", MatchesPrefix::new)),
            Map.entry("takes an id twice", new Broken("anIdIsRegisteredOnce", TakesIdsTwice::new)),
            Map.entry("ignores reports", new Broken("aReportedStatusIsSeen", IgnoresReports::new)),
            Map.entry(
                    "empties lists in an outage",
                    new Broken("anUnreachableRegistryNeverEmptiesTheList", EmptiesInOutage::new)));

    private static final class LosesWeights extends SmallRegistry {
        LosesWeights(RecordingListener events) {
            super(events);
        }

        @Override
        void put(ServiceInstance instance) {
            super.put(instance.toBuilder().weight(1).build());
        }
    }

    private static final class RemovesToUpdate extends SmallRegistry {
        RemovesToUpdate(RecordingListener events) {
            super(events);
        }

        @Override
        public Subscription watch(String service, SnapshotListener listener) {
            // The gap must be seen, and not coalesced away.
            return super.watch(service, snapshot -> {
                if (snapshot.instances().stream().anyMatch(instance -> instance.weight() > 1)) {
                    listener.onSnapshot(ServiceSnapshot.empty(service, snapshot.revision()));
                }
                listener.onSnapshot(snapshot);
            });
        }
    }

    private static final class HidesDraining extends SmallRegistry {
        HidesDraining(RecordingListener events) {
            super(events);
        }

        @Override
        void put(ServiceInstance instance) {
            super.put(
                    instance.status() == InstanceStatus.DRAINING
                            ? instance.withStatus(InstanceStatus.PASSING)
                            : instance);
        }
    }

    private static final class SilentWhenEmpty extends SmallRegistry {
        SilentWhenEmpty(RecordingListener events) {
            super(events);
        }

        @Override
        public Subscription watch(String service, SnapshotListener listener) {
            return super.watch(service, snapshot -> {
                if (!snapshot.isEmpty()) {
                    listener.onSnapshot(snapshot);
                }
            });
        }
    }

    private static final class ForgetsLate extends SmallRegistry {
        ForgetsLate(RecordingListener events) {
            super(events);
        }

        @Override
        public Subscription watch(String service, SnapshotListener listener) {
            boolean late = feeds.containsKey(service);
            boolean[] first = {late};
            return super.watch(service, snapshot -> {
                if (!first[0]) {
                    listener.onSnapshot(snapshot);
                }
                first[0] = false;
            });
        }
    }

    private static final class NeverUnsubscribes extends SmallRegistry {
        NeverUnsubscribes(RecordingListener events) {
            super(events);
        }

        @Override
        public Subscription watch(String service, SnapshotListener listener) {
            Subscription ignored = super.watch(service, listener);
            return () -> {};
        }
    }

    private static final class MatchesPrefix extends SmallRegistry {
        MatchesPrefix(RecordingListener events) {
            super(events);
        }

        @Override
        void changed(String service) {
            feeds.keySet().forEach(super::changed);
        }

        @Override
        List<ServiceInstance> instances(String service) {
            return services.entrySet().stream()
                    .filter(entry -> entry.getKey().startsWith(service))
                    .flatMap(entry -> List.copyOf(entry.getValue().values()).stream())
                    .map(instance -> ServiceInstance.builder(service)
                            .id(instance.id())
                            .address(instance.host(), instance.port())
                            .build())
                    .toList();
        }
    }

    private static final class TakesIdsTwice extends SmallRegistry {
        private final RecordingListener events;

        TakesIdsTwice(RecordingListener events) {
            super(events);
            this.events = events;
        }

        @Override
        public Registration register(ServiceInstance instance, HealthCheck check) {
            // A bookkeeping of its own for each call: nobody notices the second.
            SmallRegistry other = new SmallRegistry(events) {
                @Override
                void put(ServiceInstance written) {
                    TakesIdsTwice.this.put(written);
                }

                @Override
                void remove(ServiceInstance gone) {
                    TakesIdsTwice.this.remove(gone);
                }
            };
            requireOpen();
            return other.register(instance, check);
        }
    }

    private static final class IgnoresReports extends SmallRegistry {
        IgnoresReports(RecordingListener events) {
            super(events);
        }

        @Override
        void put(ServiceInstance instance) {
            super.put(
                    instance.status() == InstanceStatus.DRAINING
                            ? instance
                            : instance.withStatus(InstanceStatus.PASSING));
        }
    }

    private static final class EmptiesInOutage extends SmallRegistry {
        EmptiesInOutage(RecordingListener events) {
            super(events);
        }

        @Override
        void outage(boolean begins) {
            if (begins) {
                feeds.values().forEach(feed -> feed.publish(List.of()));
            }
            super.outage(begins);
        }
    }
}
