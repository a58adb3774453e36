// SPDX-License-Identifier: Apache-2.0
package io.fairlead.balancer;

import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.slf4j.Logger;
import org.slf4j.Marker;
import org.slf4j.event.KeyValuePair;
import org.slf4j.event.Level;
import org.slf4j.event.LoggingEvent;
import org.slf4j.helpers.AbstractLogger;
import org.slf4j.spi.LoggingEventAware;

/** Loggers that remember whole events, keys too. Safe for any thread. */
final class RecordedLog {
    final Queue<LoggingEvent> events = new ConcurrentLinkedQueue<>();
    volatile Level lowest = Level.TRACE;

    Logger logger(String name) {
        return new Recording(name);
    }

    /** As in {@code INFO io.fairlead.orders: sentence}, oldest first. */
    List<String> lines() {
        return events.stream()
                .map(event -> event.getLevel() + " " + event.getLoggerName() + ": " + event.getMessage())
                .toList();
    }

    /** The keys of the last line, as in {@code fairlead.service=orders}. */
    List<String> lastKeys() {
        LoggingEvent last = new ArrayList<>(events).get(events.size() - 1);
        List<KeyValuePair> pairs = last.getKeyValuePairs();
        return pairs == null
                ? List.of()
                : pairs.stream().map(pair -> pair.key + "=" + pair.value).toList();
    }

    private final class Recording extends AbstractLogger implements LoggingEventAware {
        private static final long serialVersionUID = 1L;

        Recording(String name) {
            this.name = name;
        }

        @Override
        public void log(LoggingEvent event) {
            events.add(event);
        }

        @Override
        protected void handleNormalizedLoggingCall(
                Level level, Marker marker, String message, Object[] arguments, Throwable cause) {
            throw new AssertionError("not by the fluent API: " + message);
        }

        @Override
        protected String getFullyQualifiedCallerName() {
            return Recording.class.getName();
        }

        @Override
        public boolean isTraceEnabled() {
            return is(Level.TRACE);
        }

        @Override
        public boolean isTraceEnabled(Marker marker) {
            return is(Level.TRACE);
        }

        @Override
        public boolean isDebugEnabled() {
            return is(Level.DEBUG);
        }

        @Override
        public boolean isDebugEnabled(Marker marker) {
            return is(Level.DEBUG);
        }

        @Override
        public boolean isInfoEnabled() {
            return is(Level.INFO);
        }

        @Override
        public boolean isInfoEnabled(Marker marker) {
            return is(Level.INFO);
        }

        @Override
        public boolean isWarnEnabled() {
            return is(Level.WARN);
        }

        @Override
        public boolean isWarnEnabled(Marker marker) {
            return is(Level.WARN);
        }

        @Override
        public boolean isErrorEnabled() {
            return true;
        }

        @Override
        public boolean isErrorEnabled(Marker marker) {
            return true;
        }

        private boolean is(Level level) {
            return level.toInt() >= lowest.toInt();
        }
    }
}
