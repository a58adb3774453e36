// SPDX-License-Identifier: Apache-2.0
package io.fairlead.http;

import java.net.URI;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;
import java.util.Locale;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Passwords that services accepted, so that only the first call meets a 401, as with the JDK's own client. One holds for the
 * folder of the URL that it was accepted at and everything below. Keeps the newest few; whoever is forgotten is asked for
 * again. Safe for any thread.
 */
final class AcceptedPasswords {
    static final int MOST = 256;

    private final ReentrantLock lock = new ReentrantLock();
    /** Guarded by lock; the newest first. */
    private final Deque<Accepted> entries = new ArrayDeque<>();

    private record Accepted(String root, String header) {}

    /** The header to send without being asked, or null. */
    @Nullable
    String under(URI uri) {
        String folder = folder(uri);
        lock.lock();
        try {
            for (Accepted entry : entries) {
                if (folder.startsWith(entry.root())) {
                    return entry.header();
                }
            }
            return null;
        } finally {
            lock.unlock();
        }
    }

    /** Nothing when it holds there already. */
    void add(URI uri, String header) {
        if (header.equals(under(uri))) {
            return;
        }
        String root = folder(uri);
        lock.lock();
        try {
            entries.removeIf(entry -> root.startsWith(entry.root()));
            entries.addFirst(new Accepted(root, header));
            if (entries.size() > MOST) {
                entries.removeLast();
            }
        } finally {
            lock.unlock();
        }
    }

    /** It is not accepted there any more. Another that has been accepted since stays. */
    void remove(URI uri, String header) {
        String folder = folder(uri);
        lock.lock();
        try {
            Iterator<Accepted> all = entries.iterator();
            while (all.hasNext()) {
                Accepted entry = all.next();
                if (folder.startsWith(entry.root()) && entry.header().equals(header)) {
                    all.remove();
                }
            }
        } finally {
            lock.unlock();
        }
    }

    /** Up to the last slash; a service has one password by all spellings of its name. */
    private static String folder(URI uri) {
        String path = uri.normalize().getRawPath();
        String origin = (uri.getScheme() + "://" + uri.getRawAuthority()).toLowerCase(Locale.ROOT);
        return path == null || path.isEmpty() ? origin + "/" : origin + path.substring(0, path.lastIndexOf('/') + 1);
    }
}
