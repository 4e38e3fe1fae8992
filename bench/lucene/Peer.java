import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.apache.lucene.util.Version;

/**
 * Lucene as the peer of bench_lucene.c, which starts it and speaks with it over its standard input
 * and output, a line each: rows, an empty line; Lucene's version comes back; then questions, and to
 * each the least nanoseconds of its runs, the total, the number of first rows, those, all facets.
 *
 *   java Peer FOLDER NEEDS
 */
final class Peer {
    private Peer() {}

    public static void main(String[] arguments) throws IOException {
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8), 1 << 16);
        PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
        try (Index index = new Index(Path.of(arguments[0]))) {
            String line;
            while ((line = in.readLine()) != null && !line.isEmpty()) index.add(line);
            index.finish();
            try (Search search = new Search(index, Integer.parseInt(arguments[1]))) {
                out.println(Version.LATEST);
                while ((line = in.readLine()) != null) out.println(answer(search, Question.read(line)));
            }
        }
    }

    /** The time is that of building the query, searching, counting and choosing; not of reading and writing. */
    private static String answer(Search search, Question question) throws IOException {
        long least = Long.MAX_VALUE;
        Search.Answer answer = null;
        for (int run = 0; run < question.runs(); run++) {
            long start = System.nanoTime();
            answer = search.ask(question);
            least = Math.min(least, System.nanoTime() - start);
        }
        StringBuilder line = new StringBuilder().append(least).append('\t').append(answer.total());
        line.append('\t').append(answer.rows().length);
        for (int row : answer.rows()) line.append('\t').append(row);
        for (int count : answer.facets()) line.append('\t').append(count);
        return line.toString();
    }
}
