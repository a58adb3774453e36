// SPDX-License-Identifier: Apache-2.0
package io.fairlead.samples.demo;

import io.fairlead.api.GuardState;
import io.fairlead.balancer.Fairlead;
import io.fairlead.balancer.ServiceStatus;
import io.fairlead.balancer.ServiceStatus.InstanceView;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;

/** What the terminal shows, read at one moment. */
final class Scene {
    static final String SERVICE = "orders";
    private static final long SECOND = TimeUnit.SECONDS.toNanos(1);

    private final Fairlead fairlead;
    private final CallLog log;
    private final Story story;

    Scene(Fairlead fairlead, CallLog log, Story story) {
        this.fairlead = fairlead;
        this.log = log;
        this.story = story;
    }

    /** The moment as one line: totals, and each instance's share with its guard's state if that is not closed. */
    String line() {
        long now = log.now();
        long from = Math.max(0, now - SECOND);
        StringBuilder line = new StringBuilder(totals(from, now));
        ServiceStatus status = fairlead.status(SERVICE);
        if (status != null) {
            for (InstanceView view : status.instances()) {
                String id = view.instance().id();
                line.append(String.format(Locale.ROOT, "  %s %.1f%%", id, log.share(id, from, now) * 100));
                if (view.guardState() != GuardState.CLOSED) {
                    line.append('(').append(view.guardState()).append(')');
                }
            }
        }
        return line.toString();
    }

    /** The moment as lines for a terminal. */
    List<String> lines() {
        long now = log.now();
        long from = Math.max(0, now - SECOND);
        List<String> lines = new ArrayList<>();
        lines.add(totals(from, now));
        ServiceStatus status = fairlead.status(SERVICE);
        if (status != null) {
            for (InstanceView view : status.instances()) {
                double share = log.share(view.instance().id(), from, now);
                lines.add(String.format(
                        Locale.ROOT,
                        "  %-10s %-9s %-9s %5.1f %%  %s",
                        view.instance().id(),
                        view.instance().status(),
                        view.guardState(),
                        share * 100,
                        "█".repeat((int) Math.round(share * 50))));
            }
        }
        return lines;
    }

    private String totals(long from, long now) {
        List<CallLog.Call> last = log.calls(from, now);
        return String.format(
                Locale.ROOT,
                "%5.1f s  %-22s %4d calls/s  %d failed  p50 %.1f ms  p99 %.1f ms",
                now / 1e9,
                story.act(now),
                last.size(),
                failed(log.calls(0, now)),
                finite(CallLog.percentileMillis(last, 0.5)),
                finite(CallLog.percentileMillis(last, 0.99)));
    }

    private static long failed(List<CallLog.Call> calls) {
        return calls.stream().filter(call -> call.failure() != null).count();
    }

    private static double finite(double millis) {
        return Double.isNaN(millis) ? 0 : millis;
    }
}
