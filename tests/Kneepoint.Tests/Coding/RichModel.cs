using Google.Protobuf;
using Kneepoint.Onnx;
using Kneepoint.Onnx.Protocol;
using Kneepoint.Tensors;
using Kneepoint.Tests.Onnx;

namespace Kneepoint.Tests.Coding;

/// <summary>Models with all that a file may hold: nested subgraphs, functions, sparse tensors, training, every type of elements.</summary>
static class RichModel
{
    /// <summary>A model of a few kilobytes with a message of every kind.</summary>
    public static byte[] OfEveryMessage()
    {
        var random = new Random(11);
        var model = TestModel.Of(17, [TestModel.Float("x", 1, 3, 8, 8)], [TestModel.Float("y", 1, 4)],
            [TestModel.Weight("w", 4, 3, 3, 3), TestModel.Weight("b", 4), Tensor("floats", ElementType.Float32, [16, 16], random)],
            TestModel.Node("Conv", "x w b", "c").With("pads", [1, 1, 1, 1]), TestModel.Node("Relu", "c", "r"), TestModel.Node("If", "yes", "y")).Proto;
        var graph = model.Graph;
        graph.ValueInfo.Add(TestModel.Float("c", 1, 4, 8, 8));
        graph.SparseInitializer.Add(Sparse("sparse", random));
        graph.QuantizationAnnotation.Add(new TensorAnnotation { TensorName = "w", QuantParameterTensorNames = { new StringStringEntryProto { Key = "SCALE_TENSOR", Value = "s" } } });
        graph.MetadataProps.Add(new StringStringEntryProto { Key = "author", Value = "nobody" });
        var inner = new GraphProto { Name = "inner" };
        inner.Initializer.Add(Tensor("codes", ElementType.Int8, [8, 16], random));
        inner.Node.Add(TestModel.Node("Identity", "codes", "deep"));
        var branch = new GraphProto { Name = "then" };
        branch.Node.Add(TestModel.Node("Loop", "n c", "l"));
        branch.Node[0].Attribute.Add(new AttributeProto { Name = "body", Type = AttributeProto.Types.AttributeType.Graph, G = inner });
        branch.Initializer.Add(Tensor("inside", ElementType.Float16, [5, 20], random));
        graph.Node[2].Attribute.Add(new AttributeProto { Name = "then_branch", Type = AttributeProto.Types.AttributeType.Graph, G = branch });
        graph.Node[2].Attribute.Add(new AttributeProto { Name = "many", Type = AttributeProto.Types.AttributeType.Graphs, Graphs = { inner, branch } });
        graph.Node.Add(TestModel.Node("Constant", "", "k"));
        graph.Node[^1].Attribute.Add(new AttributeProto { Name = "value", Type = AttributeProto.Types.AttributeType.Tensor, T = Tensor("", ElementType.Float64, [33], random) });
        graph.Node[^1].Attribute.Add(new AttributeProto { Name = "sparse_value", SparseTensor = Sparse("s2", random), SparseTensors = { Sparse("s3", random) } });
        graph.Node[^1].Attribute.Add(new AttributeProto
        {
            Name = "lists",
            Floats = { 1, 2, 3 },
            Ints = { 1, -1, long.MaxValue },
            Strings = { ByteString.CopyFromUtf8("a"), ByteString.Empty },
            F = 0.5f,
            Tp = new TypeProto { OptionalType = new TypeProto.Types.Optional { ElemType = Sequence() } },
            TypeProtos = { Sequence() },
        });
        var function = new FunctionProto { Name = "Twice", Domain = "example.org", Input = { "v" }, Output = { "o" }, Attribute = { "alpha" } };
        function.Node.Add(TestModel.Node("Constant", "", "f"));
        function.Node[0].Attribute.Add(new AttributeProto { Name = "value", T = Tensor("", ElementType.Int64, [12], random) });
        function.AttributeProto.Add(new AttributeProto { Name = "beta", T = Tensor("", ElementType.UInt8, [100], random) });
        function.ValueInfo.Add(TestModel.Float("f", 2));
        model.Functions.Add(function);
        model.TrainingInfo.Add(new TrainingInfoProto { Initialization = inner.Clone(), Algorithm = branch.Clone() });
        model.MetadataProps.Add(new StringStringEntryProto { Key = "k", Value = "v" });
        return model.ToByteArray();
    }

    /// <summary>A model with some tensors of any type, shape and field, which need not fit each other.</summary>
    public static byte[] Any(Random random)
    {
        var model = TestModel.Of(random.Next(7, 24), [TestModel.Float("x", 1)], [], [], TestModel.Node("Relu", "x", "y")).Proto;
        for (int i = random.Next(6); i > 0; i--) model.Graph.Initializer.Add(AnyTensor($"tensor{i}", random));
        if (random.Next(3) == 0 && model.Graph.Initializer.Count > 0) model.Graph.Initializer.Add(model.Graph.Initializer[0].Clone());
        return model.ToByteArray();
    }

    /// <summary>A tensor with random numbers of its type in raw_data.</summary>
    public static TensorProto Tensor(string name, ElementType type, long[] dimensions, Random random)
    {
        Kneepoint.Tensors.Tensor.TryCount(dimensions, out long count);
        return Raw(name, (int)type, dimensions, Elements(type, (int)count, random));
    }

    static TensorProto AnyTensor(string name, Random random)
    {
        int type = random.Next(0, 28);
        long[] dimensions = random.Next(8) switch
        {
            0 => [],
            1 => [0, 5],
            2 => [1L << 40, 3],
            3 => [-1, 7],
            4 => [random.Next(1, 300)],
            5 => [random.Next(1, 20), random.Next(1, 30)],
            6 => [random.Next(1, 9), random.Next(1, 5), random.Next(1, 4), random.Next(1, 4)],
            _ => [.. Enumerable.Repeat(1L, random.Next(7, 12)), random.Next(1, 50)],
        };
        if (random.Next(6) == 0) return Typed(name, dimensions, random);
        Kneepoint.Tensors.Tensor.TryCount(dimensions, out long stated);
        int count = stated > 5000 ? 0 : (int)stated;
        if (random.Next(8) == 0) count += random.Next(1, 100);
        byte[] bytes = Elements((ElementType)type, count, random);
        if (random.Next(10) == 0 && bytes.Length > 0) bytes = bytes[..^1];
        return Raw(name, type, dimensions, bytes);
    }

    static TensorProto Typed(string name, long[] dimensions, Random random)
    {
        var tensor = new TensorProto { Name = name, DataType = 1, Dims = { dimensions } };
        int count = random.Next(60);
        for (int i = 0; i < count; i++)
        {
            tensor.FloatData.Add(random.NextSingle());
            tensor.DoubleData.Add(random.NextDouble());
            tensor.Int64Data.Add(random.NextInt64());
            tensor.Int32Data.Add(-i);
        }

        return tensor;
    }

    static TensorProto Raw(string name, int type, long[] dimensions, byte[] bytes) =>
        new() { Name = name, DataType = type, Dims = { dimensions }, RawData = ByteString.CopyFrom(bytes) };

    // Bell-shaped numbers, few different ones, multiples of a step, or noise.
    static byte[] Elements(ElementType type, int count, Random random)
    {
        int kind = random.Next(5);
        float[] values = [.. Enumerable.Range(0, count).Select(_ => (float)((random.NextDouble() + random.NextDouble() - 1) * (kind == 0 ? 60 : 0.1)))];
        if (kind == 1) values = [.. values.Select(_ => (random.Next(5) - 2) * 0.37f)];
        if (kind == 2) values = [.. values.Select(v => MathF.Round(v * 500) * 0.0123f)];
        byte[] bytes = new byte[(count * Math.Max(Kneepoint.Tensors.Tensor.Bits(type), type == ElementType.Undefined ? 8 : 2) + 7) / 8];
        if (kind == 3) random.NextBytes(bytes);
        else if (type == ElementType.Float32) Buffer.BlockCopy(values, 0, bytes, 0, bytes.Length);
        else if (type == ElementType.Float64) Buffer.BlockCopy(values.Select(v => (double)v).ToArray(), 0, bytes, 0, bytes.Length);
        else if (type == ElementType.Float16) Buffer.BlockCopy(values.Select(v => BitConverter.HalfToUInt16Bits((Half)v)).ToArray(), 0, bytes, 0, bytes.Length);
        else for (int i = 0; i < bytes.Length; i++) bytes[i] = (byte)(i % 4 == 0 ? random.Next(7) - 3 : 0);
        return bytes;
    }

    static SparseTensorProto Sparse(string name, Random random) =>
        new() { Values = Tensor(name, ElementType.Float32, [20], random), Indices = Tensor("", ElementType.Int64, [20], random), Dims = { 400 } };

    static TypeProto Sequence() => new()
    {
        SequenceType = new TypeProto.Types.Sequence
        {
            ElemType = new TypeProto { MapType = new TypeProto.Types.Map { KeyType = 7, ValueType = TestModel.Float("", 2, 3).Type } },
        },
    };
}
