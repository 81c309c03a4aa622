import java.io.File;
import java.io.PrintStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.stream.Stream;
import org.apache.avro.Schema;
import org.apache.avro.SchemaNormalization;
import org.apache.avro.generic.GenericDatumReader;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.io.BinaryDecoder;
import org.apache.avro.io.DecoderFactory;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/** Reads every message of a topic with Apache's own libraries and the files in schemas/: one line a message. */
public final class ReadEvents {
  public static void main(String[] words) throws Exception {
    String bootstrap = words[0];
    String topic = words[1];
    Map<Long, Schema> schemas = new HashMap<>();
    try (Stream<Path> files = Files.walk(Path.of(words[2]))) {
      for (Path path : files.filter(each -> each.toString().endsWith(".avsc")).toList()) {
        Schema schema = new Schema.Parser().parse(new File(path.toString()));
        schemas.put(SchemaNormalization.parsingFingerprint64(schema), schema);
      }
    }
    PrintStream out = new PrintStream(System.out, false, StandardCharsets.UTF_8);
    Properties told = new Properties();
    told.put("bootstrap.servers", bootstrap);
    try (KafkaConsumer<byte[], byte[]> consumer =
        new KafkaConsumer<>(told, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
      List<TopicPartition> places =
          consumer.partitionsFor(topic).stream().map(each -> new TopicPartition(topic, each.partition())).toList();
      consumer.assign(places);
      consumer.seekToBeginning(places);
      Map<TopicPartition, Long> ends = consumer.endOffsets(places);
      while (places.stream().anyMatch(each -> consumer.position(each) < ends.get(each))) {
        for (ConsumerRecord<byte[], byte[]> message : consumer.poll(Duration.ofSeconds(1))) {
          ByteBuffer bytes = ByteBuffer.wrap(message.value()).order(ByteOrder.LITTLE_ENDIAN);
          if (bytes.getShort() != (short) 0x01C3) {
            throw new IllegalStateException("no single object");
          }
          Schema schema = schemas.get(bytes.getLong());
          BinaryDecoder decoder = DecoderFactory.get().binaryDecoder(message.value(), 10, message.value().length - 10, null);
          GenericRecord record = new GenericDatumReader<GenericRecord>(schema).read(null, decoder);
          if (!decoder.isEnd()) {
            throw new IllegalStateException("bytes are left over");
          }
          GenericRecord meta = record.hasField("meta") ? (GenericRecord) record.get("meta") : record;
          Object position = meta.hasField("position") ? meta.get("position") : message.offset();
          out.println(message.partition() + " " + meta.get("shard") + " " + position + " " + schema.getName());
        }
      }
    }
    out.flush();
  }
}
