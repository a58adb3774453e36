// SPDX-License-Identifier: Apache-2.0
package io.fairlead.routes;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The last good document of one source on disk, so that a process can start while its source is away: the bytes as they were,
 * below a line for what they were read from, their revision, when they were applied and their SHA-256. Written into a temporary
 * file, flushed to the disk, renamed onto the old one, mode 0600. A file that is damaged in any way, or is of another source, is
 * none. Not thread-safe: it belongs to one queue.
 */
final class DocumentStore {
    private static final String FORMAT = "fairlead routes 1";
    private static final int MOST_BYTES = (1 << 20) + (1 << 14);
    private static final int LONGEST_LINE = 1_000;
    private static final int LINES = 5;
    private static final int NAME_LENGTH = 32;

    private static final String TEMPORARY = ".new";

    /** Left by a process that died; older than any write takes. */
    private static final Duration ABANDONED = Duration.ofHours(1);

    private final Path folder;
    private final String source;
    private boolean swept;

    /**
     * In a folder, which is made when something is written.
     *
     * @param source what documents are read from
     */
    DocumentStore(Path folder, String source) {
        this.folder = folder;
        this.source = line(source);
    }

    /**
     * A document that was in force.
     *
     * @param appliedAt when it was applied first
     */
    record Kept(byte[] content, String revision, Instant appliedAt) {}

    private Path file() {
        return folder.resolve(
                RouteDocument.hash(source.getBytes(StandardCharsets.UTF_8)).substring(0, NAME_LENGTH) + ".routes");
    }

    /** Puts a document in the place of the one before. */
    void save(Kept kept) throws IOException {
        String head = String.join(
                "\n",
                FORMAT,
                source,
                line(kept.revision),
                kept.appliedAt.toString(),
                RouteDocument.hash(kept.content),
                "");
        byte[] line = head.getBytes(StandardCharsets.UTF_8);
        ByteBuffer bytes = ByteBuffer.allocate(line.length + kept.content.length);
        bytes.put(line).put(kept.content).flip();
        Files.createDirectories(folder);
        sweep();
        Path temporary = Files.createTempFile(folder, file().getFileName() + ".", TEMPORARY, ownerOnly());
        try {
            try (FileChannel channel = FileChannel.open(temporary, StandardOpenOption.WRITE)) {
                while (bytes.hasRemaining()) {
                    channel.write(bytes);
                }
                channel.force(true);
            }
            Files.move(temporary, file(), StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } finally {
            Files.deleteIfExists(temporary);
        }
    }

    /** Once: removes what processes left that died while they wrote. */
    private void sweep() throws IOException {
        if (swept) {
            return;
        }
        swept = true;
        try (DirectoryStream<Path> left = Files.newDirectoryStream(folder, "*.routes.*" + TEMPORARY)) {
            FileTime now = Files.getLastModifiedTime(folder);
            for (Path file : left) {
                if (Files.getLastModifiedTime(file).toMillis() < now.toMillis() - ABANDONED.toMillis()) {
                    Files.deleteIfExists(file);
                }
            }
        } catch (NoSuchFileException renamed) {
            // Another process was done with it meanwhile.
        }
    }

    /**
     * The document; null when there is none.
     *
     * @throws IOException when what is there is no whole document of this source
     */
    @Nullable
    Kept load() throws IOException {
        byte[] all;
        try (InputStream in = Files.newInputStream(file(), LinkOption.NOFOLLOW_LINKS)) {
            all = in.readNBytes(MOST_BYTES + 1);
        } catch (NoSuchFileException none) {
            return null;
        }
        String[] head = new String[LINES];
        int from = 0;
        for (int i = 0; i < LINES; i++) {
            int end = from;
            while (end < all.length && all[end] != '\n') {
                end++;
            }
            head[i] = new String(all, from, end - from, StandardCharsets.UTF_8);
            from = Math.min(all.length, end + 1);
        }
        byte[] content = Arrays.copyOfRange(all, from, all.length);
        if (all.length > MOST_BYTES
                || !head[0].equals(FORMAT)
                || !RouteDocument.hash(content).equals(head[LINES - 1])) {
            throw new IOException(file() + " is damaged (expected: a whole document)");
        }
        if (!head[1].equals(source)) {
            throw new IOException(file() + " is of '" + head[1] + "' (expected: of '" + source + "')");
        }
        try {
            return new Kept(content, head[2], Instant.parse(head[3]));
        } catch (RuntimeException noTime) {
            throw new IOException(file() + " is damaged (expected: a time)", noTime);
        }
    }

    private static String line(String text) {
        StringBuilder line = new StringBuilder();
        text.chars().limit(LONGEST_LINE).forEach(c -> line.append(Character.isISOControl(c) ? '?' : (char) c));
        return line.toString();
    }

    private FileAttribute<?>[] ownerOnly() {
        boolean hasOwners = folder.getFileSystem().supportedFileAttributeViews().contains("posix");
        return hasOwners
                ? new FileAttribute<?>[] {
                    PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"))
                }
                : new FileAttribute<?>[0];
    }
}
