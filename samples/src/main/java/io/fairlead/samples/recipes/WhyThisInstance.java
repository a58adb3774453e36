// SPDX-License-Identifier: Apache-2.0
package io.fairlead.samples.recipes;

import io.fairlead.api.HealthCheck;
import io.fairlead.api.InstanceStatus;
import io.fairlead.api.PickContext;
import io.fairlead.api.Registration;
import io.fairlead.api.Registry;
import io.fairlead.api.ServiceInstance;
import io.fairlead.balancer.Explanation;
import io.fairlead.balancer.Fairlead;
import java.time.Duration;

/** Asks why each instance can take a call, or can not: for a page of an operator, or a log line. */
public final class WhyThisInstance {
    private WhyThisInstance() {}

    /** Prints one line for each of three instances. */
    public static void main(String[] args) {
        try (Registry registry = Registry.connect("memory:why");
                Registration good = register(registry, 1, InstanceStatus.PASSING);
                Registration heavy = register(registry, 2, InstanceStatus.PASSING);
                Registration sick = register(registry, 3, InstanceStatus.CRITICAL);
                Fairlead fairlead = Fairlead.create(registry)) {
            fairlead.awaitReady(Duration.ofSeconds(3), good.instance().service());
            PickContext retry = PickContext.none().excluding(heavy.instance());
            System.out.println(explanation(fairlead, retry));
            System.out.println(sick.instance().id() + " is what the registry says of it: "
                    + sick.instance().status());
        }
    }

    static Explanation explanation(Fairlead fairlead, PickContext context) {
        Explanation explanation = fairlead.explain("orders", context);
        if (explanation == null) {
            throw new IllegalStateException("orders is not watched");
        }
        return explanation;
    }

    private static Registration register(Registry registry, int number, InstanceStatus status) {
        return registry.register(
                ServiceInstance.builder("orders")
                        .id("orders-" + number)
                        .address("10.0.0." + number, 8080)
                        .weight(number)
                        .status(status)
                        .build(),
                HealthCheck.none());
    }
}
