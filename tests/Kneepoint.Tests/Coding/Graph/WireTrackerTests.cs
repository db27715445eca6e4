using Google.Protobuf;
using Kneepoint.Coding.Graph;
using Kneepoint.Onnx;
using Kneepoint.Onnx.Protocol;
using Kneepoint.Tensors;

namespace Kneepoint.Tests.Coding.Graph;

public sealed class WireTrackerTests
{
    [Fact]
    public void Every_large_tensor_of_every_message_is_cut_out()
    {
        byte[] bytes = RichModel.OfEveryMessage();
        var expected = Tensors(ModelProto.Parser.ParseFrom(bytes)).Where(tensor => tensor.RawData.Length >= 64).Select(tensor => Convert.ToHexString(tensor.RawData.Span)).Order();

        var cuts = Follow(bytes).Select(cut => Convert.ToHexString(bytes.AsSpan((int)cut.Offset, (int)cut.Length))).Order();

        Assert.Equal(expected, cuts);
    }

    [Fact]
    public void A_cut_knows_its_type_and_shape()
    {
        var tensor = new TensorProto { Dims = { 2, 3, 5 }, DataType = (int)ElementType.Int16, RawData = ByteString.CopyFrom(new byte[77]) };

        var cut = Assert.Single(Follow(Model(tensor)));

        Assert.Equal((77, ElementType.Int16), (cut.Length, cut.Type));
        Assert.Equal([2, 3, 5], cut.Dimensions);
    }

    [Fact]
    public void Packed_dimensions_are_read_too()
    {
        // dims = 2, 300, 5 as one list; data_type = 1; raw_data of 64 bytes.
        byte[] tensor = [0x0A, 4, 2, 0xAC, 0x02, 5, 0x10, 1, 0x4A, 64, .. new byte[64]];

        Assert.Equal([2, 300, 5], Assert.Single(Follow(Wrapped(tensor))).Dimensions);
    }

    [Fact]
    public void Floats_and_doubles_of_typed_fields_are_cut_whatever_type_is_stated()
    {
        var tensor = new TensorProto { DataType = 7, FloatData = { new float[16] }, DoubleData = { new double[8] } };

        Assert.Equal([ElementType.Float32, ElementType.Float64], Follow(Model(tensor)).Select(cut => cut.Type));
    }

    [Fact]
    public void Less_than_64_bytes_stay_in_the_graph() => Assert.Empty(Follow(Model(new TensorProto { DataType = 2, RawData = ByteString.CopyFrom(new byte[63]) })));

    [Fact]
    public void More_than_8_dimensions_count_as_none()
    {
        var tensor = new TensorProto { Dims = { Enumerable.Repeat(1L, 100_000) }, DataType = 2, RawData = ByteString.CopyFrom(new byte[64]) };

        Assert.Empty(Assert.Single(Follow(Model(tensor))).Dimensions);
    }

    [Fact]
    public void The_shape_of_one_tensor_is_not_that_of_the_next()
    {
        var model = new ModelProto { Graph = new GraphProto() };
        model.Graph.Initializer.Add(new TensorProto { Dims = { 4, 4 }, DataType = 1, RawData = ByteString.CopyFrom(new byte[64]) });
        model.Graph.Initializer.Add(new TensorProto { RawData = ByteString.CopyFrom(new byte[64]) });

        Assert.Equal([2, 0], Follow(model.ToByteArray()).Select(cut => cut.Dimensions.Length));
    }

    [Fact]
    public void The_operator_and_the_attribute_are_known_where_they_matter()
    {
        byte[] bytes = new ModelProto { Graph = new GraphProto { Node = { NodeBuilder.Node("Conv", ["x"], ["y"]), NodeBuilder.Node("Conv", ["x"], ["z"]), NodeBuilder.Node("Relu", ["z"], ["r"]) } } }.ToByteArray();
        var at = new WireTracker();
        var operators = new List<uint>();
        foreach (byte value in bytes)
        {
            uint before = at.Operator;
            at.Take(value);
            if (at.Operator != before) operators.Add(at.Operator);
        }

        Assert.Equal(2, operators.Distinct().Count());
        Assert.Equal(2, operators.Count);
    }

    [Fact]
    public void Garbage_never_fails_and_takes_no_memory_that_grows()
    {
        // Bytes that often are tags of messages, lengths, and pieces of a model.
        byte[] piece = RichModel.OfEveryMessage();
        var random = new Random(0);
        for (int round = 0; round < 200; round++)
        {
            var at = new WireTracker();
            for (int i = 0; i < 3000; i++)
            {
                byte value = random.Next(4) switch { 0 => (byte)random.Next(256), 1 => (byte)(random.Next(16) << 3 | 2), 2 => piece[random.Next(piece.Length)], _ => 0xFF };
                at.Take(value);
                Assert.True(at.Position > i && at.Field is >= 0 and <= 0xFFFF && at.Index >= 0);
            }
        }
    }

    [Fact]
    public void Memory_does_not_grow_with_what_is_followed()
    {
        var at = new WireTracker();
        var random = new Random(2);
        Feed(500_000);
        // Other tests take memory meanwhile, but not on this thread.
        long before = GC.GetAllocatedBytesForCurrentThread();
        Feed(1_500_000);
        long grown = GC.GetAllocatedBytesForCurrentThread() - before;
        GC.KeepAlive(at);

        Assert.InRange(grown, 0, 2_000_000);

        void Feed(int count)
        {
            // Messages in messages, leaves of all fields, dimensions without end.
            for (int i = 0; i < count; i++) at.Take((byte)(random.Next(3) == 0 ? random.Next(256) : random.Next(16) << 3 | random.Next(3)));
        }
    }

    [Fact]
    public void Messages_deeper_than_100_are_followed_as_bytes()
    {
        // A graph in an attribute of a node in a graph, again and again, without end.
        var at = new WireTracker();
        int deepest = 0;
        foreach (byte value in (byte[])[0x3A, 0xFF, 0xFF, 0xFF, 0x7F]) at.Take(value);
        for (int i = 0; i < 2000; i++)
        {
            foreach (byte value in (byte[])[0x0A, 0xFF, 0xFF, 0xFF, 0x7F, 0x2A, 0xFF, 0xFF, 0xFF, 0x7F, 0x32, 0xFF, 0xFF, 0xFF, 0x7F]) at.Take(value);
            if (at.In != WireTracker.Phase.Leaf) deepest = i;
        }

        Assert.InRange(deepest, 30, 35);
    }

    static List<TensorCut> Follow(byte[] bytes)
    {
        var at = new WireTracker();
        var cuts = new List<TensorCut>();
        while (at.Position < bytes.Length)
        {
            if (at.Take(bytes[(int)at.Position]) is { } cut) cuts.Add(cut);
        }

        Assert.Equal(bytes.Length, at.Position);
        return cuts;
    }

    static byte[] Model(TensorProto tensor) => new ModelProto { Graph = new GraphProto { Initializer = { tensor } } }.ToByteArray();

    static byte[] Wrapped(byte[] tensor) => [0x3A, (byte)(tensor.Length + 2), 0x2A, (byte)tensor.Length, .. tensor];

    // All tensors wherever they are, by the descriptors of the messages.
    static IEnumerable<TensorProto> Tensors(IMessage message)
    {
        if (message is TensorProto own) yield return own;
        foreach (var field in message.Descriptor.Fields.InFieldNumberOrder().Where(field => field.FieldType == Google.Protobuf.Reflection.FieldType.Message))
        {
            object? value = field.Accessor.GetValue(message);
            IEnumerable<object> inner = value is System.Collections.IList list ? list.Cast<object>() : value is null ? [] : [value];
            foreach (var tensor in inner.OfType<IMessage>().SelectMany(Tensors)) yield return tensor;
        }
    }
}
