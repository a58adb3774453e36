// SPDX-License-Identifier: Apache-2.0
package io.fairlead.routes;

import io.fairlead.api.EventListener;
import io.fairlead.routes.RoutesStatus.Origin;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells the listener, which writes the log, what became of the documents of a source. The log alone has what no listener asks for:
 * revisions, hashes and advice. Safe for any thread.
 */
final class RoutesTeller {
    private static final Logger LOG = LoggerFactory.getLogger(LiveRoutes.class);
    private static final int SHOWN = 20;
    private static final int HASH_SHOWN = 12;

    private final String source;
    private final EventListener listener;

    RoutesTeller(String source, EventListener listener) {
        this.source = source;
        this.listener = listener;
    }

    /**
     * A document of the source, or a late one from disk, is in force.
     *
     * @param had where what was in force before came from
     */
    void inForce(RouteDocument document, @Nullable RouteDocument before, Origin had, String revision) {
        List<String> changes = changes(document, before, had);
        List<String> lint = document.lint();
        LOG.debug(
                "{}, is of revision {}, sha256 {}",
                named(document.version()),
                revision,
                document.hash().substring(0, HASH_SHOWN));
        if (!lint.isEmpty()) {
            LOG.warn("{}, says what is most likely not meant: {}", named(document.version()), shortened(lint));
        }
        listener.onRoutesChanged(named(document.version()), changes);
    }

    /** Never none: of a document that changes nothing it says why it is told. */
    private static List<String> changes(RouteDocument document, @Nullable RouteDocument before, Origin had) {
        List<String> changes = document.changesSince(before);
        if (!changes.isEmpty()) {
            return changes;
        }
        if (before == null) {
            return List.of("a document that says nothing");
        }
        if (had == Origin.DISK) {
            return List.of("the same as the last good one on disk, now from the source");
        }
        return List.of(
                before.hash().equals(document.hash())
                        ? "the same as before, which the source has again"
                        : "the same as before, written in another way");
    }

    private static String shortened(List<String> lines) {
        String shown = String.join("; ", lines.subList(0, Math.min(SHOWN, lines.size())));
        return lines.size() > SHOWN ? shown + "; and " + (lines.size() - SHOWN) + " more" : shown;
    }

    /** Something of a version is wrong, or nobody knows of which; what the status says stays. */
    void kept(String version, String what, RoutesStatus now) {
        String stays = switch (now.origin()) {
            case CODE -> "what code has set holds";
            case DISK -> "the last good one of " + now.appliedAt() + ", version '" + now.version() + "', holds";
            case SOURCE -> "version '" + now.version() + "', revision " + now.revision() + ", stays";
        };
        listener.onRoutesKept(named(version), what + "; " + stays);
    }

    void ofNoUse(Throwable cause, String later) {
        listener.onCallbackFailed(where() + ", the last good document is of no use" + later, cause);
    }

    void notKept(Throwable cause) {
        listener.onCallbackFailed(where() + ", the last good document can not be kept", cause);
    }

    void failed(Throwable cause) {
        listener.onCallbackFailed(where(), cause);
    }

    private String where() {
        return "routes " + source;
    }

    private String named(String version) {
        return where() + (version.isEmpty() ? "" : ", version '" + version + "'");
    }
}
