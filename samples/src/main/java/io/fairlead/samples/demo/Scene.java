// SPDX-License-Identifier: Apache-2.0
package io.fairlead.samples.demo;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.fairlead.api.GuardState;
import io.fairlead.balancer.Fairlead;
import io.fairlead.balancer.ServiceStatus;
import io.fairlead.balancer.ServiceStatus.InstanceView;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** What the page and the terminal show, read at one moment. */
final class Scene {
    static final String SERVICE = "orders";
    private static final long SECOND = TimeUnit.SECONDS.toNanos(1);
    private static final ObjectMapper JSON = new ObjectMapper();

    private final Fairlead fairlead;
    private final CallLog log;
    private final Story story;
    private final String registry;

    Scene(Fairlead fairlead, CallLog log, Story story, String registry) {
        this.fairlead = fairlead;
        this.log = log;
        this.story = story;
        this.registry = registry;
    }

    /** The moment as JSON. */
    String json() {
        long now = log.now();
        long from = Math.max(0, now - SECOND);
        ObjectNode scene = JSON.createObjectNode();
        scene.put("seconds", now / 1e9);
        scene.put("end", story.endNanos() / 1e9);
        scene.put("act", story.act(now));
        scene.put("registry", registry);
        List<CallLog.Call> last = log.calls(from, now);
        scene.put("rate", last.size());
        scene.put("failed", failed(log.calls(0, now)));
        scene.put("offered", log.calls(0, now).size());
        scene.put("p50", finite(CallLog.percentileMillis(last, 0.5)));
        scene.put("p99", finite(CallLog.percentileMillis(last, 0.99)));
        ServiceStatus status = fairlead.status(SERVICE);
        if (status != null) {
            scene.put("policy", status.policy());
            scene.put("revision", status.revision());
            scene.put("stale", status.stale());
            scene.put("age", status.age().toMillis() / 1e3);
            scene.put("panic", status.panic());
            ArrayNode instances = scene.putArray("instances");
            status.instances().forEach(view -> instance(instances.addObject(), view, from, now, status));
        }
        history(scene.putArray("history"), now, status);
        ArrayNode events = scene.putArray("events");
        for (CallLog.Event event : log.events(12)) {
            events.addObject().put("seconds", event.atNanos() / 1e9).put("text", event.text());
        }
        return scene.toString();
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

    private void instance(ObjectNode node, InstanceView view, long from, long now, ServiceStatus status) {
        node.put("id", view.instance().id());
        node.put("address", view.instance().authority());
        node.put("status", view.instance().status().toString());
        node.put("breaker", view.guardState().name());
        node.put("reason", view.guardReason());
        node.put("share", log.share(view.instance().id(), from, now));
        node.put("fair", 1.0 / status.instances().size());
        node.put("inFlight", view.inFlight());
        node.put("millis", view.latencyNanos() / 1e6);
        node.put("weight", view.effectiveWeight());
        node.put("picks", view.started());
        node.put("failures", view.failures());
    }

    /** Shares second by second from the start, so that a page opened late shows everything. */
    private void history(ArrayNode history, long now, @Nullable ServiceStatus status) {
        for (long at = 0; status != null && at + SECOND <= now; at += SECOND) {
            ArrayNode shares = history.addArray();
            for (InstanceView view : status.instances()) {
                shares.add(log.share(view.instance().id(), at, at + SECOND));
            }
        }
    }

    private static long failed(List<CallLog.Call> calls) {
        return calls.stream().filter(call -> call.failure() != null).count();
    }

    private static double finite(double millis) {
        return Double.isNaN(millis) ? 0 : millis;
    }
}
